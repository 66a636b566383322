#include "webhook_queue.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace simulator {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t batch_limit = 50;
constexpr auto retried_for = 4h;
constexpr std::chrono::milliseconds first_pause = 1s, longest_pause = 5min;

std::chrono::milliseconds pause_after(unsigned attempts) {
  return attempts > 9 ? longest_pause : std::min(first_pause * (1 << (attempts - 1)), longest_pause);
}

template <class M>
void earliest(std::optional<sim_time>& found, const M& by_time) {
  if (!by_time.empty()) found = found ? std::min(*found, by_time.begin()->first) : by_time.begin()->first;
}

}  // namespace

delivery_order delivery_of(const sink& to, std::span<const json::object> events) {
  delivery_order order;
  json::array batch;
  for (const json::object& event : events) {
    order.labels.add(event);
    json::value& shown = batch.emplace_back(event);
    if (to.data_as_text) shown.as_object()["data"] = json::serialize(event.at("data"));
  }
  order.body = json::serialize(batch);
  order.how = to.how;
  return order;
}

const sink* webhook_queue::find(std::string_view sid) const {
  const auto found = lanes_.find(sid);
  return found == lanes_.end() ? nullptr : &found->second.what;
}

void webhook_queue::put(sink changed) {
  lane& of = lanes_[changed.sid];
  changed.types = std::move(of.what.types);
  of.what = std::move(changed);
}

void webhook_queue::subscribe(std::string_view sink_sid, const std::vector<std::string>& types) {
  const auto found = lanes_.find(sink_sid);
  if (found == lanes_.end()) return;
  auto& all = found->second.what.types;
  all.insert(all.end(), types.begin(), types.end());
}

void webhook_queue::clear() {
  lanes_.clear();
  under_way_.clear();
}

void webhook_queue::add(const due_event& event, sim_time now) {
  const std::string_view type = event.event.at("type").as_string();
  for (auto& [sid, of] : lanes_) {
    if (of.what.account_sid != event.account_sid || std::ranges::find(of.what.types, type) == of.what.types.end()) continue;
    const auto jitter = std::chrono::milliseconds{chance_.between(0, of.what.jitter.count())};
    of.events.emplace(now + of.what.delay + jitter, event.event);
  }
}

void webhook_queue::send(std::string_view sink_sid, const delivery_order& order, std::size_t times) {
  const auto found = lanes_.find(sink_sid);
  if (found == lanes_.end()) return;
  for (std::size_t i = 0; i < times; ++i) found->second.ready.push_back({order, 0, {}});
}

void webhook_queue::pack_due(lane& of, sim_time now) {
  std::vector<json::object> due;
  while (!of.events.empty() && of.events.begin()->first <= now) {
    due.push_back(std::move(of.events.begin()->second));
    of.events.erase(of.events.begin());
  }
  if (of.what.reversed) std::ranges::reverse(due);
  const std::size_t together = of.what.batch ? batch_limit : 1;
  for (std::size_t i = 0; i < due.size(); i += together) {
    const auto events = std::span{due}.subspan(i, std::min(together, due.size() - i));
    of.ready.insert(of.ready.end(), 1 + of.what.duplicates, attempt{delivery_of(of.what, events), 0, {}});
  }
  while (!of.again.empty() && of.again.begin()->first <= now) {
    of.ready.push_back(std::move(of.again.begin()->second));
    of.again.erase(of.again.begin());
  }
}

webhook webhook_queue::begin(lane& of, sim_time now, const token_source& token_of) {
  attempt next = std::move(of.ready.front());
  of.ready.pop_front();
  if (++next.number == 1) next.first = now;
  ++of.under_way;

  webhook made;
  made.sink_sid = of.what.sid;
  made.body = next.order.body;
  made.headers = next.order.headers;
  made.ca_pem = of.what.ca_pem;
  const std::string token = of.what.auth_token ? *of.what.auth_token : token_of(of.what.account_sid);
  made.to = sign(of.what.destination, made.body, token, next.order.how);
  made.dialled = *sink_url::parse(of.what.deliver_to.empty() ? of.what.destination : of.what.deliver_to);
  made.id = log_.add({made.sink_sid, made.to, next.order.labels, next.number, now, 0, {}});
  under_way_.emplace(made.id, std::pair{made.sink_sid, std::move(next)});
  return made;
}

std::vector<webhook> webhook_queue::take(sim_time now, const token_source& token_of) {
  std::vector<webhook> taken;
  for (auto& [sid, of] : lanes_) {
    pack_due(of, now);
    while (!of.ready.empty() && of.under_way < of.what.connections) taken.push_back(begin(of, now, token_of));
  }
  return taken;
}

void webhook_queue::answered(std::uint64_t id, unsigned status, std::string_view error, sim_time now) {
  log_.answered(id, status, error);
  auto ended = under_way_.extract(id);
  if (ended.empty()) return;  // its sink was removed meanwhile
  auto& [sink_sid, tried] = ended.mapped();
  lane& of = lanes_.at(sink_sid);
  --of.under_way;
  const bool accepted = status >= 200 && status < 300;
  if (accepted || !tried.order.retry || now - tried.first >= retried_for) return;
  of.again.emplace(now + pause_after(tried.number), std::move(tried));
}

std::optional<sim_time> webhook_queue::next() const {
  std::optional<sim_time> found;
  for (const auto& [sid, of] : lanes_) {
    earliest(found, of.events);
    earliest(found, of.again);
  }
  return found;
}

std::size_t webhook_queue::pending() const {
  std::size_t count = under_way_.size();
  for (const auto& [sid, of] : lanes_) count += of.events.size() + of.again.size() + of.ready.size();
  return count;
}

}  // namespace simulator
