// The part of upstream_account that says whose turn it is: which request is sent next, how long one waits for it, and which one a full
// queue sheds.
#include <algorithm>
#include <utility>

#include "core/limit/upstream_account.hpp"

namespace gateway {
namespace {

constexpr std::size_t passthrough_kinds = static_cast<std::size_t>(resource::summary);
static_assert(passthrough_kinds + 1 == resource_count, "all kinds but the summary come first");

}  // namespace

// Bulk goes when nothing interactive can be sent, of any kind, or when its least share of the turns is due.
permit_request_ptr upstream_account::take_next(const openings& room, mono_time now) {
  bool const both_wait = waiting_of(client_class::interactive) > 0 && waiting_of(client_class::bulk) > 0;
  if (both_wait && bulk_.is_due()) {
    if (auto one = take_next_of(client_class::bulk, room, now)) {
      bulk_.bulk_went();
      return one;
    }
  }
  if (auto one = take_next_of(client_class::interactive, room, now)) {  // defence: bulk-yields
    if (both_wait) bulk_.interactive_went();
    return one;
  }
  return take_next_of(client_class::bulk, room, now);
}

permit_request_ptr upstream_account::take_next_of(client_class group, const openings& room, mono_time now) {
  if (waiting_of(group) == 0) return nullptr;
  auto const summary = [&] { return take_next_of(group, resource::summary, room.detached, now); };
  auto const passthrough = [&]() -> permit_request_ptr {
    for (std::size_t looked_at = 0; room.passthrough && looked_at < passthrough_kinds; ++looked_at) {
      auto const what = static_cast<resource>(passthrough_next_);
      passthrough_next_ = (passthrough_next_ + 1) % passthrough_kinds;
      if (auto one = take_next_of(group, what, room.detached, now)) return one;
    }
    return nullptr;
  };
  auto one = summary_was_last_ ? passthrough() : summary();
  if (!one) one = summary_was_last_ ? summary() : passthrough();
  return one;
}

permit_request_ptr upstream_account::take_next_of(client_class group, resource what, bool detached_too, mono_time now) {
  auto& mine = of(what);
  if (mine.queue.size_of(group) == 0 || !has_room_for(what, now)) return nullptr;
  auto const client_may = [&](std::uint64_t client) {
    return circuit::passes(state_of(mine, client, now)) && may_detach_more(client, detached_too);
  };
  return mine.queue.take(group, client_may, loads_, now);
}

std::optional<std::chrono::nanoseconds> upstream_account::expected_wait(const permit_request& one, mono_time now) const {
  auto const& mine = of(one.who.what);
  auto const paced = mine.queue.paced_wait(one, loads_, now);
  auto const own = mine.queue.wait_of_bound(one, mine.service.mean());
  if (!paced && own.count() == 0) return std::nullopt;
  return std::max(paced.value_or(own), own);
}

std::chrono::nanoseconds upstream_account::told_wait(const permit_request& one, mono_time now) const {
  auto const& mine = of(one.who.what);
  auto const paced = mine.queue.paced_wait(one, loads_, now);
  return std::max(paced ? *paced : guessed_wait(one, now), mine.queue.wait_of_bound(one, mine.service.mean()));
}

// Bulk waits for all, interactive requests do not wait for bulk. Nobody knows for how long more of them will come, so bulk is told no less
// than what it has met so far.
std::chrono::nanoseconds upstream_account::guessed_wait(const permit_request& one, mono_time now) const {
  auto const& mine = of(one.who.what);
  auto const at_once = std::max<std::uint64_t>(limit(), 1);
  auto const wait_of = [&](std::size_t requests) {
    return mine.service.mean() * static_cast<std::int64_t>((requests + at_once - 1) / at_once);
  };
  if (!one.who.share.is_bulk()) return wait_of(mine.queue.size_of(client_class::interactive));
  auto const before = wait_of(mine.queue.size_of(client_class::bulk) + waiting_of(client_class::interactive));
  return std::max(before, mine.queue.wait_so_far(one, loads_, now));  // defence: bulk-is-told
}

std::size_t upstream_account::waiting_of(client_class group) const {
  std::size_t sum = 0;
  for (auto const& one : kinds_) sum += one.queue.size_of(group);
  return sum;
}

std::size_t upstream_account::waiting() const { return waiting_of(client_class::interactive) + waiting_of(client_class::bulk); }

bool upstream_account::waits_for_slots() const {
  return std::ranges::any_of(kinds_, [this](const kind& one) { return one.queue.waits_for_slots(loads_); });
}

// Bulk is shed first, as far as it has more than its least share of the places; then the last request of the client whose requests take the
// most rounds. If no client's take more than those of the newest, that is the newest.
permit_request_ptr upstream_account::one_too_many(const permit_request_ptr& newest) const {
  auto const bulk = waiting_of(client_class::bulk), all = waiting();
  bool const sheds_bulk = bulk > 0 && (bulk == all || bulk > bulk_.places_of(all));  // defence: bulk-shed-first
  auto const group = sheds_bulk ? client_class::bulk : client_class::interactive;
  auto const most = std::ranges::max_element(kinds_, {}, [&](const kind& one) { return one.queue.longest(group); });
  bool const is_newest =
      newest && newest->who.share.group == group && of(newest->who.what).queue.rounds_of(*newest) >= most->queue.longest(group);
  return is_newest ? newest : most->queue.last_of_longest(group);
}

std::vector<permit_request_ptr> upstream_account::all() const {
  std::vector<permit_request_ptr> everyone;
  for (auto const& one : kinds_) {
    auto const theirs = one.queue.all();
    everyone.insert(everyone.end(), theirs.begin(), theirs.end());
  }
  return everyone;
}

}  // namespace gateway
