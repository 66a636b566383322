#include "event_schedule.hpp"

namespace simulator {

void event_schedule::follow(const call_facts& call, sim_time now) {
  const auto kept = std::make_shared<const call_facts>(call);
  calls_.erase(call.sid);
  for (const event_moment& moment : moments_of(call)) {
    if (moment.at < now) continue;
    calls_[call.sid] = kept;
    entries_.emplace(moment.at, entry{kept, moment});
  }
}

std::vector<due_event> event_schedule::take(sim_time now) {
  std::vector<due_event> due;
  while (!entries_.empty() && entries_.begin()->first <= now) {
    const entry next = std::move(entries_.begin()->second);
    entries_.erase(entries_.begin());
    const auto call = next.call.lock();
    if (!call) continue;
    due.push_back({call->account_sid, call->sid, summary_event(seed_, *call, next.moment)});
    if (next.moment.type == complete_event) calls_.erase(call->sid);
  }
  return due;
}

std::optional<sim_time> event_schedule::next() const { return entries_.empty() ? std::nullopt : std::optional{entries_.begin()->first}; }

void event_schedule::clear() {
  entries_.clear();
  calls_.clear();
}

}  // namespace simulator
