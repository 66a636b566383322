// A cache that is only imagined: the sampled requests as a gateway with another policy would have answered them. Whether an answer may be
// given is decided by core/cache/lookup, as for clients. The upstream answers at once and says what it said to the real gateway.
// Thread rule: none of its own. Time rule: moments are those of the sightings, which come in their order.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "core/shadow/replayed_table.hpp"
#include "core/shadow/shadow_policy.hpp"

namespace gateway {

// Requests stand for as many as the sample leaves out.
struct shadow_count {
  double requests = 0;
  double answered = 0;  // from the cache, stale ones included
  double calls = 0;     // of the upstream, refreshes included
};

class policy_replay {
public:
  explicit policy_replay(const shadow_policy& policy);

  // A request. `weight`: how many requests it stands for.
  void look(const sighting& seen, double weight);
  // An answer that is in the real cache since before the shadow began.
  void adopt(const sighting& seen);
  // A fetch of the real gateway has ended.
  void note(const sighting& seen);

  // The sample has become smaller: the cache, too.
  void set_rate(double rate);
  void forget(std::uint64_t call);
  void forget_all();

  // Whether anything about the call would have to be remembered.
  [[nodiscard]] bool holds(std::uint64_t call) const;
  [[nodiscard]] std::size_t size() const;
  // A request that comes again so soon is answered as the one before: that is long before the answer is old or evicted.
  [[nodiscard]] std::chrono::nanoseconds repeats_within() const;
  [[nodiscard]] const shadow_policy& policy() const { return policy_; }
  [[nodiscard]] const shadow_count& counted() const { return counted_; }

private:
  struct grant_key {
    std::uint64_t owner, place;
    auto operator<=>(const grant_key&) const = default;
  };
  struct open_fetch {
    std::uint64_t call, owner;
    processing_state state;
    auto operator<=>(const open_fetch&) const = default;
  };
  static open_fetch fetch_of(const sighting& seen) { return {seen.call, seen.owner, question(seen.state)}; }
  struct seen_copy {
    const replayed_entry* copy = nullptr;
    bool lapsed = false;  // one is there, but the credential has to show again that it may see it
  };

  seen_copy find(const sighting& seen);
  [[nodiscard]] bool may_see(const sighting& seen, std::uint64_t place) const;
  decision judge(const replayed_entry& stored, const sighting& seen);
  void store(const sighting& seen, mono_time stored_at);
  void give_grant(std::uint64_t owner, std::uint64_t place, mono_time at);
  [[nodiscard]] std::uint64_t place_of(const sighting& seen) const;
  replayed_table& table(std::uint64_t call) { return tables_[table_of(call)]; }
  [[nodiscard]] std::size_t table_of(std::uint64_t call) const;
  void unite();

  // A credential without a grant costs one call, so the oldest grants may be forgotten.
  static constexpr std::size_t most_grants = 16'384;
  // Fetches under way; a fetch whose end is not seen is given up after a while.
  static constexpr std::size_t most_pending = 16'384;
  static constexpr std::chrono::minutes longest_fetch{1};

  shadow_policy policy_;
  std::vector<replayed_table> tables_;  // as the real cache has, while every call is sampled
  std::map<grant_key, mono_time> grants_;
  std::map<open_fetch, mono_time> pending_;
  const std::shared_ptr<entry> scratch_;  // the form in which core/cache/lookup takes an answer
  std::uint64_t uses_ = 0;
  shadow_count counted_;
};

}  // namespace gateway
