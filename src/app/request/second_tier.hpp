// The second tier in the course of one fetch: takes the answer that another replica stored, waits for another replica's fetch, or leads for
// the fleet. Whatever goes wrong, the fetch goes on alone, as it would without a fleet.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/fleet/shared_tier.hpp"
#include "app/request/fetch_order.hpp"
#include "app/request/looks.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/pending_writes.hpp"
#include "app/state/refused_accounts.hpp"
#include "core/telemetry/counters.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/verdict.hpp"
#include "io/upstream/flight.hpp"

namespace gateway {

struct second_tier_parts {
  shared_tier* tier;  // null: there is no fleet
  authorized_cache& visible;
  const pending_writes& writes;
  upstream_permits& permits;
  const refused_accounts& refused;
};

// A fetch that this replica makes for the whole fleet, and what it leaves behind there.
struct led_fetch {
  led_fetch(tier_question question, tier_lease from) : asked(std::move(question)), lease(std::move(from)) {
    leaves.version = lease.version;
  }
  tier_question asked;
  tier_lease lease;
  tier_settlement leaves;
};

class second_tier {
public:
  second_tier(worker& at, const upstream_settings& values, const second_tier_parts& parts, looks& noting)
      : at_(at), values_(values), parts_(parts), looks_(noting) {}

  struct outcome {
    std::optional<fetch_result> result;  // the answer, or the end of a flight that no request waits for any more
    std::unique_ptr<led_fetch> leads;    // this fetch leads; it must be settled, whatever becomes of it
  };
  // `when`: when the fetch began. Neither of the two: the fetch goes on alone.
  task<outcome> ask(const flight_leader& lead, const fetch_order& order, authorized_cache::asked when, hop_ledger& hops);

  // What a leader's exchange brought, as it was judged here.
  struct brought {
    const upstream_answer& answer;
    const verdict& meaning;
    const remembered& made;
    credential_evidence evidence = credential_evidence::unchanged;
    mono_time asked_at;
    bool has_partial = false;  // the upstream has one, and `answer` is the "not ready" of the complete summary
  };
  void note(led_fetch& leads, const fetch_order& order, const brought& what, mono_time now) const;
  // Tells the fleet, and goes on trying until the lease ends by itself. For a task that no request waits for.
  task<void> settle(std::unique_ptr<led_fetch> leads);

private:
  [[nodiscard]] bool applies_to(const fetch_order& order) const;
  [[nodiscard]] std::optional<fetch_result> take(const tier_claim& got, const tier_question& asked, const fetch_order& order,
                                                 const std::vector<partition>& owners, const authorized_cache::asked& when);
  void give_back(tier_question asked, std::string token, mono_time now);
  // A lease is for a whole fetch, and its wait for a permit.
  [[nodiscard]] std::chrono::nanoseconds lease_span() const { return 2 * values_.timeout; }
  void count(tier_result what) { at_.counters.tier[static_cast<std::size_t>(what)].add(); }

  worker& at_;
  const upstream_settings& values_;
  const second_tier_parts parts_;
  looks& looks_;
};

}  // namespace gateway
