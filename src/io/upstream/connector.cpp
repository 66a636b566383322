#include "io/upstream/connector.hpp"

#include <algorithm>

namespace gateway {

struct connector::race {
  explicit race(const executor& where) : waits(std::make_shared<sleeper>(where)) {}

  std::shared_ptr<sleeper> waits;
  std::size_t running = 0;                   // attempts
  std::vector<upstream_connection*> trying;  // their connections, once they have begun
  opened result;
  bool over = false;  // a connection that opens now is too late
};

task<connector::opened> connector::open(std::vector<asio::ip::tcp::endpoint> addresses, mono_time deadline, hop_ledger& hops) {
  auto const in = std::make_shared<race>(at_.get_executor());
  auto now = mono_now();
  auto next_start = now;
  hops.enter(hop::connect, now);
  for (auto next = addresses.begin(); !in->result.connection && now < deadline; now = mono_now()) {
    bool const any_left = next != addresses.end();
    if (any_left && (in->running == 0 || now >= next_start)) {  // defence: silent-address
      ++in->running;
      at_.start_task("connect", attempt(in, *next++, deadline));
      next_start = now + head_start;
    } else if (!any_left && in->running == 0) {
      break;
    }
    auto const until = next != addresses.end() ? std::min(next_start, deadline) : deadline;
    if (!in->result.connection && in->running > 0) co_await in->waits->sleep_until(until);
  }
  in->over = true;
  for (auto* const loser : in->trying) loser->give_up();
  auto made = std::move(in->result);
  if (made.connection && tls_->is_used()) hops.enter(hop::tls_handshake, made.connection->connected_at());
  if (!made.connection && now >= deadline) made.failed = fault::upstream_timeout;
  co_return made;
}

task<void> connector::attempt(std::shared_ptr<race> in, asio::ip::tcp::endpoint where, mono_time deadline) {
  if (in->over) co_return;
  auto connection = std::make_unique<upstream_connection>(at_, tls_);
  in->trying.push_back(connection.get());
  auto const failed = co_await connection->open(where, settings_, deadline);
  std::erase(in->trying, connection.get());
  --in->running;
  if (in->over || in->result.connection) co_return;
  if (failed) {
    in->result.failed = *failed;
  } else {
    in->result.connection = std::move(connection);
    in->result.where = where;
  }
  in->waits->wake();
}

}  // namespace gateway
