#include "app/state/polled_calls.hpp"

#include <algorithm>

namespace gateway {
namespace {

// 32,768 lives in all: 18 MB with the usual answers, 50 MB at most.
constexpr std::size_t most_lives_per_shard = 2048;
constexpr std::size_t most_partitions_per_shard = 1024;
// So long after an event it is believed that more of them come.
constexpr std::chrono::hours events_count_for{1};
// Replicas hear of an event one after the other, and their engine counts milliseconds. What the event tells has been true for longer.
constexpr std::chrono::milliseconds heard_apart{100};

}  // namespace

polled_calls::polled_calls(const look_rules& rules, const short_hash_key& key)
    : key_(key),
      lives_(sharded<life_table>::usual_count, most_lives_per_shard),
      heard_(sharded<moments>::usual_count, most_partitions_per_shard) {
  set_rules(rules);
}

void polled_calls::set_rules(const look_rules& rules) {
  lives_.each([&](life_table& one) { one.rules = rules; });
}

void polled_calls::note_not_ready(const cache_key& key, const upstream_answer& said, mono_time asked, const instant& now) {
  with(key, [&](life_table& one) {
    if (asked > one.purged_at) one.touch(key, now.mono).note_not_ready(said, asked, now);  // defence: purged-life-stays-away
  });
}

void polled_calls::note_shared_look(const cache_key& key, const upstream_answer& said, mono_time asked, const instant& now) {
  note_not_ready(key, said, asked, now);
  with(key, [&](life_table& one) {
    if (auto* const life = one.find(key, now.mono)) life->note_seen(asked + heard_apart);
  });
}

bool polled_calls::note_partial(const cache_key& key, std::optional<wall_time> end_time, mono_time asked, const instant& now) {
  return with(key, [&](life_table& one) {
    // A partial that a client asked for begins no life: there is no answer to give in its place.
    bool const is_known = one.find(key, now.mono) != nullptr;
    if (is_known) one.touch(key, now.mono).note_partial(end_time, asked, now);
    return is_known;
  });
}

bool polled_calls::note_ended(const cache_key& key) {
  return with(key, [&](life_table& one) { return one.erase(key); });
}

void polled_calls::note_plain_only(const cache_key& key, const instant& now) {
  with(key, [&](life_table& one) {
    if (auto* const life = one.find(key, now.mono)) life->plain_only = true;
  });
}

std::optional<mono_time> polled_calls::next_look(const cache_key& key, const instant& now) const {
  bool const by_events = events_arrive(key.owner, now.mono);
  return with(key, [&](life_table& one) -> std::optional<mono_time> {
    auto const* const life = one.find(key, now.mono);
    if (life == nullptr) return std::nullopt;
    return gateway::next_look(*life, one.rules, by_events).at;
  });
}

std::optional<not_ready_answer> polled_calls::plan_of(const cache_key& key, const instant& now) const {
  return with(key, [&](life_table& one) -> std::optional<not_ready_answer> {
    auto const* const life = one.find(key, now.mono);
    if (life == nullptr || life->ended || life->plain_only || life->said.body.empty()) return std::nullopt;
    return life->said;
  });
}

bool polled_calls::has_partial(const cache_key& key, const instant& now) const {
  return with(key, [&](life_table& one) {
    auto const* const life = one.find(key, now.mono);
    return life != nullptr && life->ended.has_value();
  });
}

bool polled_calls::spares_look(const cache_key& key, mono_time now) {
  return with(key, [&](life_table& one) {
    auto* const life = one.find(key, now);
    if (life == nullptr || now - std::max(life->looked_at, life->spared_at) < one.rules.least_step) return false;
    life->spared_at = now;
    return true;
  });
}

void polled_calls::hear(const call_event& what, const instant& now) {
  auto const bits = cache_key::call_bits(what.call, key_);
  std::vector<partition> owners;
  lives_.with(bits, [&](life_table& one) {
    for (auto const& [owner, life] : one.about(bits, what.call)) {
      if (life->hear(what, now)) owners.push_back(owner);
    }
  });
  for (auto const& owner : owners) heard_.with(owner, [&](moments& one) { one.note(owner, now.mono); });
}

void polled_calls::purge(const purge_scope& what, mono_time now) {
  if (!what.call) {
    return lives_.each([&](life_table& one) {
      one.clear();
      one.purged_at = now;
    });
  }
  auto const bits = cache_key::call_bits(*what.call, key_);
  lives_.with(bits, [&](life_table& one) {
    one.erase_call(bits, *what.call);
    one.purged_at = now;
  });
}

std::vector<polled_calls::listed> polled_calls::list(const call_sid& call, const instant& now) const {
  std::vector<listed> all;
  auto const bits = cache_key::call_bits(call, key_);
  look_rules rules;
  lives_.with(bits, [&](life_table& one) {
    rules = one.rules;
    for (auto const& [owner, life] : one.about(bits, call)) all.push_back({owner, *life, {}});
  });
  for (auto& one : all) one.plan = gateway::next_look(one.life, rules, events_arrive(one.owner, now.mono));
  return all;
}

bool polled_calls::events_arrive(const partition& owner, mono_time now) const {
  auto const last = heard_.with(owner, [&](const moments& one) { return one.find(owner); });
  return last && now - *last < events_count_for;
}

}  // namespace gateway
