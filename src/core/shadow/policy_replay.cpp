#include "core/shadow/policy_replay.hpp"

#include <algorithm>

#include "core/cache/lookup.hpp"
#include "core/cache/table_count.hpp"

namespace gateway {
namespace {

request_cache_control no_cache() {
  request_cache_control made;
  made.add_cache_control("no-cache");
  return made;
}

// The oldest leaves if there is no room.
template <class Map>
void make_room(Map& all, std::size_t most) {
  if (all.size() < most) return;
  all.erase(std::ranges::min_element(all, {}, [](auto const& one) { return one.second; }));
}

}  // namespace

policy_replay::policy_replay(const shadow_policy& policy) : policy_(policy), scratch_(std::make_shared<entry>()) {
  auto const count = table_count(policy_.max_bytes);
  for (std::size_t i = 0; i < count; ++i) tables_.emplace_back(policy_.max_bytes / count);
  scratch_->gone_by = wall_time::max();  // its end on the monotonic clock counts alone
}

void policy_replay::look(const sighting& seen, double weight) {
  counted_.requests += weight;
  auto const found = find(seen);
  auto is = lookup::nothing;
  if (found.copy != nullptr) {
    table(seen.call).use(*found.copy, ++uses_, seen.at);
    is = judge(*found.copy, seen).is;
  }
  if (is_answer(is)) {
    counted_.answered += weight;
    if (is != lookup::stale) return;
    counted_.calls += weight;
    found.copy->answer.stored_at = found.copy->checked_at = seen.at;
    return;
  }
  // Whichever call of the account comes first shows the right again, and costs the one upstream call. The others are hits.
  if (found.lapsed) {
    counted_.answered += weight - 1;
    weight = 1;
  }
  make_room(pending_, most_pending);
  auto const [at, is_first] = pending_.try_emplace(fetch_of(seen), seen.at);
  if (is_first || seen.at - at->second > longest_fetch) {
    counted_.calls += weight;
    at->second = seen.at;
  }
  if (seen.is != sighting::event::answered) return;
  pending_.erase(at);
  store(seen, seen.at);
}

void policy_replay::adopt(const sighting& seen) { store(seen, seen.answer.stored_at); }

void policy_replay::note(const sighting& seen) {
  if (seen.is == sighting::event::refused) {
    for (auto& one : tables_) one.erase_owner(seen.owner);
    std::erase_if(grants_, [&](auto const& one) { return one.first.owner == seen.owner; });
  }
  bool const was_awaited = pending_.erase(fetch_of(seen)) > 0;
  if (seen.is != sighting::event::stored) return;
  // Without a miss here, the fetch would not have been made; an answer that is here stays, unless it says less.
  auto const* const here = find(seen).copy;
  bool const says_less = here == nullptr || (here->answer.kind != answer_kind::complete && seen.answer.kind == answer_kind::complete);
  if (was_awaited || says_less) store(seen, seen.answer.stored_at);
}

policy_replay::seen_copy policy_replay::find(const sighting& seen) {
  seen_copy found;
  found.copy = table(seen.call).find(seen.call, seen.at, [&](const replayed_entry& one) {
    bool const visible = may_see(seen, one.place);
    bool const was_shown = seen.is == sighting::event::answered || grants_.contains({seen.owner, one.place});
    found.lapsed = found.lapsed || (!visible && was_shown && policy_.sharing == sharing_mode::grants);
    return visible;
  });
  found.lapsed = found.lapsed && found.copy == nullptr;
  return found;
}

bool policy_replay::may_see(const sighting& seen, std::uint64_t place) const {
  if (place == seen.owner) return true;
  // What the real cache has just shown.
  if (policy_.place == shadow_place::as_is && seen.is == sighting::event::answered && place == seen.place) return true;
  auto const granted = grants_.find({seen.owner, place});
  return granted != grants_.end() && seen.at - granted->second < policy_.grant_ttl;
}

decision policy_replay::judge(const replayed_entry& stored, const sighting& seen) {
  static const request_cache_control plain, newer = no_cache();
  auto& is = *scratch_;
  is.kind = stored.answer.kind;
  is.ask_first = stored.answer.ask_first;
  is.stored_at = is.asked_at = stored.answer.stored_at;
  is.fresh_at_most = stored.answer.fresh_at_most;
  is.gone_at = stored.answer.gone_at;
  lru_store::found as_found;
  as_found.stored = scratch_;
  as_found.purged = seen.is_old;
  if (stored.checked_at != mono_time::min()) as_found.checked_at = stored.checked_at;
  return decide(as_found, seen.state, seen.wants_newer ? newer : plain, {seen.at, {}}, policy_.freshness);
}

void policy_replay::store(const sighting& seen, mono_time stored_at) {
  if (seen.answer.cost > policy_.max_entry_bytes) return;
  replayed_entry made{seen.call, place_of(seen), seen.answer};
  made.answer.stored_at = stored_at;
  made.used = ++uses_;
  made.used_at = seen.at;
  auto& in = table(seen.call);
  auto const* const before = in.find(seen.call, seen.at, [&](const replayed_entry& one) { return one.place == made.place; });
  if (before != nullptr) {
    if (!seen.is_old && !may_replace(before->answer.kind, made.answer.kind)) return;
    made.checked_at = seen.at;
  }
  if (made.place != seen.owner) give_grant(seen.owner, made.place, seen.at);
  in.insert(made, seen.at);
}

void policy_replay::give_grant(std::uint64_t owner, std::uint64_t place, mono_time at) {
  make_room(grants_, most_grants);
  grants_.insert_or_assign({owner, place}, at);
}

// Only complete summaries are shared.
std::uint64_t policy_replay::place_of(const sighting& seen) const {
  bool const is_shared = seen.answer.kind == answer_kind::complete && seen.all != 0;
  switch (policy_.place) {
    case shadow_place::as_is:
      return seen.place;
    case shadow_place::own:
      return seen.owner;
    case shadow_place::granted:
      return is_shared ? seen.all : seen.owner;
  }
  return seen.owner;
}

void policy_replay::set_rate(double rate) {
  unite();
  tables_.front().set_capacity(static_cast<std::uint64_t>(rate * static_cast<double>(policy_.max_bytes)));
}

// A small part of each table would fill unevenly: one for all is nearer to what the many large ones do.
void policy_replay::unite() {
  if (tables_.size() == 1) return;
  std::vector<replayed_entry> all;
  for (auto const& one : tables_) one.each([&](const replayed_entry& each) { all.push_back(each); });
  std::ranges::sort(all, {}, &replayed_entry::used);
  tables_.assign(1, replayed_table{policy_.max_bytes});
  for (auto const& one : all) tables_.front().insert(one, mono_time::min());
}

void policy_replay::forget(std::uint64_t call) {
  table(call).erase(call);
  auto const first = pending_.lower_bound({call, 0, processing_state::absent});
  auto last = first;
  while (last != pending_.end() && last->first.call == call) ++last;
  pending_.erase(first, last);
}

void policy_replay::forget_all() {
  for (auto& one : tables_) one.clear();
  pending_.clear();
}

bool policy_replay::holds(std::uint64_t call) const {
  auto const waits = pending_.lower_bound({call, 0, processing_state::absent});
  return tables_[table_of(call)].holds(call) || (waits != pending_.end() && waits->first.call == call);
}

std::size_t policy_replay::size() const {
  std::size_t sum = 0;
  for (auto const& one : tables_) sum += one.size();
  return sum;
}

std::chrono::nanoseconds policy_replay::repeats_within() const {
  auto const first = std::ranges::min_element(tables_, {}, &replayed_table::evicts_after);
  return std::min(policy_.freshness.fresh_for, first->evicts_after()) / 32;
}

std::size_t policy_replay::table_of(std::uint64_t call) const { return gateway::table_of(call, tables_.size()); }

}  // namespace gateway
