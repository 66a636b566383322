// A gateway's cache as it is, with core/cache/store and lookup, in front of an upstream that answers at once. It shows a shadow what it
// does, so a test can compare the shadow's estimate of a policy with a played gateway that has that policy.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "cache/entries.hpp"
#include "core/cache/lookup.hpp"
#include "core/cache/table_count.hpp"
#include "core/shadow/repeat_filter.hpp"
#include "core/shadow/shadow_sample.hpp"

namespace gateway::shadow_test {

inline constexpr std::uint64_t mib = 1024 * 1024;

struct asked {
  std::uint64_t call = 0;
  std::uint8_t credential = 1;
  std::chrono::nanoseconds when{};
  bool wants_newer = false;
};

// What the upstream knows of a call.
struct upstream_call {
  explicit upstream_call(std::uint64_t number) : bits(number * 0xD6E8'FEB8'6659'FD93U) {}
  [[nodiscard]] answer_kind kind() const { return bits % 16 == 0 ? answer_kind::not_ready : answer_kind::complete; }
  [[nodiscard]] std::size_t size() const { return 100 + bits % 900; }
  std::uint64_t bits;
};

class played_gateway {
public:
  played_gateway(const shadow_policy& policy, const short_hash_key& key, shadow_sample* shadow = nullptr)
      : policy_(policy), key_(key), shadow_(shadow) {
    auto const count = table_count(policy.max_bytes);
    for (std::size_t i = 0; i < count; ++i) tables_.emplace_back(store_limits{policy.max_bytes / count, policy.max_entry_bytes});
  }

  void ask(const asked& one) {
    auto const key = key_of(one.call, one.credential);
    auto& table = tables_[table_of(key.call_bits(), tables_.size())];
    auto const now = both(one.when);
    auto const found = table.find(key, now);
    request_cache_control control;
    if (one.wants_newer) control.add_cache_control("no-cache");
    auto const decided = decide(found, processing_state::absent, control, now, policy_.freshness);
    ++counted.requests;
    bool const is_hit = is_answer(decided.is);
    counted.answered += is_hit;
    sighting seen;
    seen.call = key.call_bits();
    seen.owner = seen.place = key.owner.bits();
    seen.at = now.mono;
    seen.is = is_hit ? sighting::event::answered : sighting::event::missed;
    if (found.stored) seen.answer = sized(*found.stored);
    seen.wants_newer = one.wants_newer;
    bool const tells_nothing = decided.is == lookup::hit && leaves_out_repeats && shadow_ != nullptr &&
                               repeats_->is_repeat(seen.call, seen.owner, now.mono, shadow_->repeats_within());
    repeated += tells_nothing;
    if (!tells_nothing) show(seen);
    if (is_hit && decided.is != lookup::stale) return;
    ++counted.calls;
    auto const made = answer(one.call, now);
    seen.is = table.insert(key, made, now) ? sighting::event::unstored : sighting::event::stored;
    seen.answer = sized(*made);
    show(seen);
  }

  [[nodiscard]] double ratio() const { return counted.answered / counted.requests; }
  shadow_count counted;
  double repeated = 0;  // hits that it did not show
  bool leaves_out_repeats = false;

private:
  [[nodiscard]] cache_key key_of(std::uint64_t call, std::uint8_t credential) const {
    partition owner;
    owner.id.fill(std::byte{credential});
    return {owner, call_number(static_cast<unsigned>(call)), key_};
  }
  static entry_ptr answer(std::uint64_t call, const instant& now) {
    upstream_call const what{call};
    auto const made = std::make_shared<entry>();
    made->kind = what.kind();
    made->stored_at = made->asked_at = now.mono;
    auto const lasts = what.kind() == answer_kind::complete ? std::chrono::nanoseconds{std::chrono::hours{720}} : std::chrono::seconds{30};
    made->gone_at = now.mono + lasts;
    made->gone_by = now.wall + lasts;
    made->plain.wire.assign(what.size(), 'x');
    return made;
  }
  static sized_answer sized(const entry& stored) {
    sized_answer made;
    made.kind = stored.kind;
    made.cost = static_cast<std::uint32_t>(lru_store::cost_of(stored));
    made.stored_at = stored.stored_at;
    made.gone_at = stored.gone_at;
    return made;
  }
  void show(const sighting& seen) {
    if (shadow_ != nullptr) shadow_->take(seen);
  }

  shadow_policy policy_;
  short_hash_key key_;
  shadow_sample* shadow_;
  std::vector<lru_store> tables_;
  std::unique_ptr<repeat_filter> repeats_ = std::make_unique<repeat_filter>();
};

// Calls as clients ask for them: the n-th most wanted with a share of 1/n^skew.
class zipf {
public:
  zipf(std::size_t calls, double skew, std::uint64_t seed) : random_(seed) {
    double sum = 0;
    for (std::size_t n = 1; n <= calls; ++n) sums_.push_back(sum += std::pow(n, -skew));
  }
  std::uint64_t next() {
    auto const drawn = std::uniform_real_distribution<>{0, sums_.back()}(random_);
    return static_cast<std::uint64_t>(std::ranges::lower_bound(sums_, drawn) - sums_.begin()) + 1;
  }

private:
  std::vector<double> sums_;
  std::mt19937_64 random_;
};

inline shadow_policy policy_of(std::uint64_t max_bytes, std::chrono::nanoseconds fresh_for = std::chrono::hours{1}) {
  shadow_policy made;
  made.max_bytes = max_bytes;
  made.freshness.fresh_for = fresh_for;
  made.freshness.stale_for = std::chrono::minutes{10};
  made.max_entry_bytes = 1 << 20;
  made.grant_ttl = std::chrono::minutes{5};
  return made;
}

}  // namespace gateway::shadow_test
