// Recorded requests and busy clients, gathered from all lanes: for the admin listener, or dumped to the log on SIGQUIT.
#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_dumped = 1000;  // lines; the log's queue has room for eight times as many
constexpr std::size_t max_clients = 50;

}  // namespace

std::vector<logged_request> server::recorded(const record_filter& wanted, std::size_t limit) const {
  std::vector<logged_request> all;
  for (auto const& one : lanes_) one->at.recorder.collect(all);
  return newest(std::move(all), wanted, limit);
}

// Oldest first, as in any log.
void server::dump() const {
  auto const all = recorded({}, max_dumped);
  log_info("SIGQUIT: {} requests or groups of them that were slow, failed, refused or sampled", all.size());
  auto const names = listeners_.names().get();
  std::string line;
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    line.clear();
    append_logged(line, *one, *names, "recorded");
    log_line(line);
  }
}

std::string server::slow_requests(const record_filter& wanted, std::size_t limit) const {
  return recorded_json(recorded(wanted, limit), *listeners_.names().get());
}

std::vector<client_row> server::counted_clients(std::size_t most) const {
  std::vector<client_row> rows;
  for (auto const& one : lanes_) one->at.clients.collect(rows);
  return merge_clients(rows, most);
}

std::string server::busiest_clients() const { return clients_json(counted_clients(max_clients), rates_, mono_now(), standings()); }

client_standings server::standings() const {
  client_standings all;
  auto const rules = shared_.access.get();
  if (!rules->injecting) return all;
  for (auto const& one : rules->injecting->clients) {
    auto const& permits = shared_.permits_of(rules->injecting->accounts[one.account].at);
    all.emplace(one.name, client_standing{one.share, permits.in_flight_of_client(one.asker.bits()), shared_.quotas.figures_of(one.name)});
  }
  return all;
}

}  // namespace gateway
