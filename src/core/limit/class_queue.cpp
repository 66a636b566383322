#include "core/limit/class_queue.hpp"

#include <algorithm>

namespace gateway {

bool class_queue::remove(permit_request& one, const client_loads& loads) {
  auto& line = line_of(one);
  bool const waited = line.queue.remove(one);
  settle(line, loads);
  return waited;
}

void class_queue::settle(line& one, const client_loads& loads) {
  auto const waits = [&](const client_queue& each) { return has_room(each, loads); };
  if (!one.queue.has_any(waits)) one.pace.forget();  // defence: pace-forgotten
}

void class_queue::join(const permit_request_ptr& one, const requester& who, const client_loads& loads) {
  bool const rises = one->who.share.is_bulk() && !who.share.is_bulk();
  if (one->who.share.group != who.share.group && !rises) return;
  bool const has_room = loads.has_room(who), had_room = loads.has_room(one->who);
  if (had_room && !has_room) return;
  bool const is_sooner = has_room != had_room || line_of(*one).queue.is_sooner_at(*one, who.client, who.share.weight);
  if (!rises && !is_sooner) return;  // defence: joined-rises
  bool const waits = remove(*one, loads);
  one->who.client = who.client;
  one->who.named = who.named;
  one->who.share = who.share;
  one->set_client(who.client, who.share.weight);
  if (waits) push(one, fair_queue::position::last);
}

std::optional<std::chrono::nanoseconds> class_queue::expected_wait(const permit_request& one, std::chrono::nanoseconds exchange,
                                                                   const client_loads& loads, mono_time now) const {
  auto const& line = line_of(one.who.share.group);
  std::optional<std::chrono::nanoseconds> wait;
  // Bulk may get nothing for a while, and then the time since its last permit says more than its pace before.
  auto const between = one.who.share.is_bulk() ? line.pace.between_until(now) : line.pace.between();
  if (between) {
    auto const competes = [&](const client_queue& each) { return has_room(each, loads); };
    wait = *between * static_cast<std::int64_t>(line.queue.permits_until_last_of(one.client(), competes));
  }
  auto const most = one.who.share.max_in_flight;
  if (most == 0 || exchange.count() == 0) return wait;
  auto const rounds = (line.queue.size_of(one.client()) + most - 1) / most;
  return std::max(wait.value_or(std::chrono::nanoseconds{0}), exchange * static_cast<std::int64_t>(rounds));  // defence: bound-is-told
}

bool class_queue::waits_for_slots(const client_loads& loads) const {
  return std::ranges::any_of(
      lines_, [&](const line& one) { return one.queue.has_any([&](const client_queue& each) { return has_room(each, loads); }); });
}

std::vector<permit_request_ptr> class_queue::all() const {
  auto everyone = line_of(client_class::interactive).queue.all();
  auto const bulk = line_of(client_class::bulk).queue.all();
  everyone.insert(everyone.end(), bulk.begin(), bulk.end());
  return everyone;
}

}  // namespace gateway
