// The fleet's second tier as one replica uses it: it claims answers in the engine, waits for other replicas' fetches, and leaves behind
// what its own bring. What is read back is opened and checked against the marks; the caller judges it as a new answer. Thread rule: any
// thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "app/fleet/fleet_marks.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/fleet/shared_answer.hpp"
#include "core/fleet/tier_claim.hpp"
#include "core/fleet/tier_scripts.hpp"
#include "core/request/summary_request.hpp"
#include "io/fleet/engine.hpp"
#include "io/runtime/sleeper.hpp"

namespace gateway {

// Which parts of it the settings enable (fleet.share).
struct tier_rules {
  bool cache = true;    // answers stay for other replicas for as long as they are fresh; else only for those that wait for them
  bool flights = true;  // a fetch waits for another replica's
};

// The right to store an answer, and when it was given.
struct tier_lease {
  std::string token;
  std::uint64_t version = 0;  // of the newest mark then
  wall_time engine_then{};
  mono_time then{};

  [[nodiscard]] wall_time engine_time(mono_time at) const { return engine_then + (at - then); }
};

class shared_tier {
public:
  shared_tier(engine& link, const fleet_keys& keys, const fleet_marks& marks, std::string_view name_space, const tier_rules& rules)
      : link_(link), keys_(keys), marks_(marks), names_(name_space), rules_(rules) {}

  // Whether answers of the engine may be believed now. If not, the gateway goes on alone.
  [[nodiscard]] bool is_usable() const { return marks_.is_current(); }

  // `owners`: whose copies the request may see; the first is its own.
  [[nodiscard]] tier_question question_of(const call_sid& call, std::span<const partition> owners, processing_state state) const;
  [[nodiscard]] claim_terms terms(bool leads, std::chrono::nanoseconds lease) const;

  // A new claim with these terms; its token is set. nullopt: no usable reply, or too many unproved credentials ask at this moment. Then the
  // token is set only if the engine may give the lease all the same.
  task<std::optional<tier_claim>> claim(executor where, const tier_question& asked, claim_terms& terms, bool proved);
  // The lease that such a claim gave.
  [[nodiscard]] tier_lease lease_of(const tier_claim& got, const claim_terms& terms, mono_time now) const;
  // Stores what a leader brought and wakes those who wait. Says whether it was stored; nullopt: not known.
  task<std::optional<bool>> settle(executor where, const tier_question& asked, const std::string& token, const tier_settlement& what);

  // Opens a stored answer. nullopt: it is none, or it was put elsewhere.
  [[nodiscard]] std::optional<shared_answer> open(const tier_question& asked, const tier_claim& got) const;
  // Whether no mark that is younger than the claim of this answer concerns it. `account`: that its body names.
  [[nodiscard]] bool is_believed(const shared_answer& one, const tier_claim& got, const cache_key& at,
                                 const std::optional<account_sid>& account) const;
  // The sealed form, for the owner's place.
  void add(tier_settlement& to, const tier_question& asked, const std::string& owner, bool is_summary, std::string_view packed,
           std::chrono::nanoseconds lives) const;
  [[nodiscard]] std::string owner_name(const partition& owner, const call_sid& call) const;

private:
  struct one_waiting {
    cache_key key;
    std::shared_ptr<sleeper> wakes;
    bool has_begun = false;
  };
  using all_waiting = std::unordered_multimap<std::string, one_waiting>;

public:
  // A fetch that waits, for the lifetime of this object.
  class waiting {
  public:
    waiting(shared_tier& whose, const executor& where, const cache_key& key, const tier_question& asked);
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting();
    [[nodiscard]] sleeper& wakes() { return *wakes_; }
    // From now on it waits for another replica.
    void begin();

  private:
    shared_tier& whose_;
    const std::shared_ptr<sleeper> wakes_;
    all_waiting::iterator at_;
  };
  // A message of the engine's feed.
  void heard(std::string_view message);
  // Whether such a fetch waits for another replica now, for explain.
  [[nodiscard]] bool is_waiting(const partition& owner, const call_sid& call) const;

private:
  // Claims of unproved credentials under way at most: invented ones must not fill the queue to the engine.
  static constexpr std::uint64_t most_unproved = 64;

  engine& link_;
  const fleet_keys& keys_;
  const fleet_marks& marks_;
  const engine_keys names_;
  const tier_rules rules_;
  std::atomic<std::uint64_t> unproved_{0};
  mutable std::mutex mutex_;
  all_waiting waiting_;  // by the message that wakes it; protected by mutex_
};

}  // namespace gateway
