// Fetches a Call Summary from the upstream and stores the answer. A fetch needs no client: a request that waits, a refresh in the
// background, or anything else that knows a credential and a call can order one.
// Thread rule: one per worker, used on its thread; what it shares with the others is in its parts.
#pragma once

#include <cstdint>
#include <optional>

#include "app/request/fetch_order.hpp"
#include "app/request/looks.hpp"
#include "app/request/second_tier.hpp"
#include "app/request/upstream_exchange.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/client_quotas.hpp"
#include "app/state/failing_calls.hpp"
#include "app/state/held_readers.hpp"
#include "app/state/pending_writes.hpp"
#include "app/state/polled_calls.hpp"
#include "app/state/shadow_feed.hpp"
#include "io/upstream/fetcher.hpp"
#include "io/upstream/flight.hpp"

namespace gateway {

// Names a question to the upstream (this call and state, by this credential), to count its failures together.
inline std::uint64_t question_scope(const cache_key& key, processing_state state) {
  return key.bits_of_all_spellings() + static_cast<std::uint64_t>(question(state));
}

// What fetching needs of the state that all workers share.
struct fetch_parts {
  shared_cache& cache;
  authorized_cache& visible;
  const pending_writes& writes;
  flight_table& flights;
  upstream_permits& permits;
  failing_calls& failing;
  polled_calls& polled;
  held_readers& held;
  credential_parts credentials;
  client_quotas& quotas;
  told_by_upstream& told;
  first_seen& dropped_names;      // of its fields that clients do not get
  shared_tier* tier;              // null: there is no fleet
  shadow_feed* shadow = nullptr;  // of the lane; null: there is none
};

class fetch_runner {
public:
  // `values`: the settings in force of that upstream.
  fetch_runner(worker& at, answer_source& upstream, const upstream_settings& values, const fetch_parts& parts)
      : at_(at),
        upstream_(upstream),
        values_(values),
        parts_(parts),
        looks_(at, parts.polled),
        tier_(at, values, {parts.tier, parts.visible, parts.writes, parts.permits, parts.credentials.refused}, looks_) {}

  // Time limit of one exchange.
  [[nodiscard]] span timeout() const { return values_.timeout; }
  // Whether the quota of that client, if it has one, may allow another exchange.
  [[nodiscard]] bool may_pay(std::string_view client) const { return parts_.quotas.look(client).is != quota_decision::kind::refused; }

  // Joins the flight for that question. If there is none, makes one with its leader, which the caller gives to run(). A partial always
  // gets a flight of its own.
  flight_table::join_result join(const cache_key& key, processing_state state, bool storable, const requester& who, mono_time permit_until);
  // The same for a refresh, for which no request waits.
  flight_table::join_result join_refresh(const cache_key& key, const requester& who, mono_time now);

  // Starts the fetch as a task of its own, which completes the flight whatever happens.
  void run(flight_leader lead, fetch_order order);

private:
  task<void> fly(flight_leader lead, fetch_order order);
  // How far one fetch has come.
  struct course {
    course(std::uint64_t generation, const std::optional<digest>& subject, mono_time began)
        : when{generation, {}, subject}, hops(hop::lookup, began) {}
    authorized_cache::asked when;
    hop_ledger hops;
    std::unique_ptr<led_fetch> leads;          // set: for the whole fleet
    std::optional<not_ready_answer> stand_in;  // set: a partial is asked for, though the client wants a complete summary
    bool asks_plainly = false;                 // the upstream refused that: the next exchange asks for the complete summary
    std::optional<fetch_result> partial;       // set: what that brought, for held readers that take one
  };
  task<fetch_result> fetch(const flight_leader& lead, const fetch_order& order, course& way);
  task<fetch_result> ask(const flight_leader& lead, const fetch_order& order, course& way);
  task<std::optional<fetch_result>> wait_out_failures(const flight_leader& lead, const fetch_order& order, hop_ledger& hops);
  // Empty: the account has no OAuth token now.
  [[nodiscard]] secret request_of(const fetch_order& order, const course& way) const;
  task<upstream_permits::admitted> take_permit(upstream_permits::request permit, fetch_purpose why, int attempt);

  void note_health(const fetch_order& order, const fetch_result& result);
  fetch_result conclude(fetched got, const fetch_order& order, upstream_permits::permit& permit, course& way);
  [[nodiscard]] std::optional<not_stored> store(const fetch_order& order, verdict_kind meant, const authorized_cache::asked& when,
                                                const instant& now, const remembered& answer);
  void show(const fetch_order& order, const fetch_result& result, const course& way) const;
  void note_failure(const fetch_order& order, not_stored why_not);
  void note_not_stored(const fetch_order& order, not_stored why_not);

  worker& at_;
  answer_source& upstream_;
  const upstream_settings& values_;
  const fetch_parts parts_;
  looks looks_;
  second_tier tier_;
};

}  // namespace gateway
