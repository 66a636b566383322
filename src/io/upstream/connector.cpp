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
  in->result.failed = through_ ? fault::egress_unreachable : fault::upstream_unreachable;
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
  for (auto* const loser : in->trying) {
    if (!in->result.connection) in->result.times = loser->times();  // the deadline ended it
    loser->give_up();
  }
  auto made = std::move(in->result);
  if (through_ && !made.connection && !addresses.empty() && made.times.connected == mono_time{})
    through_->failed("it accepts no connection");
  made.times.book(hops);
  if (!made.connection && now >= deadline) made.failed = fault::upstream_timeout;
  co_return made;
}

task<void> connector::attempt(std::shared_ptr<race> in, asio::ip::tcp::endpoint where, mono_time deadline) {
  if (in->over) co_return;
  auto connection = std::make_unique<upstream_connection>(at_, tls_, through_);
  in->trying.push_back(connection.get());
  auto const failed = co_await connection->open(where, settings_, deadline);
  std::erase(in->trying, connection.get());
  --in->running;
  if (in->over || in->result.connection) co_return;
  auto& result = in->result;
  auto const& times = connection->times();
  // Of several failures, that of an address which accepted the connection says more.
  if (times.connected != mono_time{} || result.times.connected == mono_time{}) {
    result.times = times;
    if (failed) result.failed = *failed;
  }
  if (!failed) {
    result.connection = std::move(connection);
    result.where = where;
  }
  in->waits->wake();
}

}  // namespace gateway
