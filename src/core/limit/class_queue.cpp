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

void class_queue::push(const permit_request_ptr& one, fair_queue::position where, const client_loads& loads, mono_time now) {
  auto& line = line_of(*one);
  line.queue.push(one, where);
  if (loads.has_room(one->who)) line.pace.waits(now);
}

void class_queue::join(const permit_request_ptr& one, const requester& who, const client_loads& loads, mono_time now) {
  bool const rises = one->who.share.is_bulk() && !who.share.is_bulk();
  if (one->who.share.group != who.share.group && !rises) return;
  bool const has_room = loads.has_room(who), had_room = loads.has_room(one->who);
  bool const moves = has_room == had_room ? rises || line_of(*one).queue.is_sooner_at(*one, who.client, who.share.weight) : has_room;
  if (!rises && !moves) return;  // defence: joined-rises
  bool const waits = remove(*one, loads);
  one->who.share.group = who.share.group;
  if (moves) {
    one->who.client = who.client;
    one->who.named = who.named;
    one->who.share = who.share;
    one->set_client(who.client, who.share.weight);
  }
  if (waits) push(one, fair_queue::position::last, loads, now);
}

// Bulk may get nothing for a while, and then the time since its last permit says more than its pace before.
std::optional<std::chrono::nanoseconds> class_queue::paced_wait(const permit_request& one, const client_loads& loads, mono_time now) const {
  auto const& pace = line_of(one.who.share.group).pace;
  auto const between = one.who.share.is_bulk() ? pace.as_if_granted(now).between() : pace.between();
  return between ? std::optional{wait_at(*between, one, loads)} : std::nullopt;
}

std::chrono::nanoseconds class_queue::wait_so_far(const permit_request& one, const client_loads& loads, mono_time now) const {
  return wait_at(line_of(one.who.share.group).pace.as_if_granted(now).mean(), one, loads);
}

std::chrono::nanoseconds class_queue::wait_of_bound(const permit_request& one, std::chrono::nanoseconds exchange) const {
  auto const most = one.who.share.max_in_flight;
  if (most == 0) return {};
  auto const rounds = (line_of(one.who.share.group).queue.size_of(one.client()) + most - 1) / most;
  return exchange * static_cast<std::int64_t>(rounds);  // defence: bound-is-told
}

std::chrono::nanoseconds class_queue::wait_at(std::chrono::nanoseconds between, const permit_request& one,
                                              const client_loads& loads) const {
  auto const competes = [&](const client_queue& each) { return has_room(each, loads); };
  return between * static_cast<std::int64_t>(line_of(one.who.share.group).queue.permits_until_last_of(one.client(), competes));
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
