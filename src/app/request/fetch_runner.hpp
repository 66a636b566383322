// Fetches a Call Summary from the upstream and stores the answer. A fetch needs no client: a request that waits, a refresh in the
// background, or anything else that knows a credential and a call can order one.
// Thread rule: one per worker, used on its thread; what it shares with the others is in its parts.
#pragma once

#include <cstdint>
#include <optional>

#include "app/request/upstream_exchange.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/failing_calls.hpp"
#include "app/state/pending_writes.hpp"
#include "io/upstream/fetcher.hpp"
#include "io/upstream/flight.hpp"

namespace gateway {

// Why a fetch is made: this decides whether it waits for a permit, and whether a 429 is repeated.
enum class fetch_purpose : std::uint8_t {
  answer,      // requests wait, and there is nothing else to give them
  revalidate,  // requests wait, and a stored answer could be given to them
  refresh,     // no request waits: the upstream is asked only if there is room at once
};

struct fetch_order {
  cache_key key;
  processing_state state = processing_state::absent;
  principal asks;
  requester who;  // also tells whether the credential is proved
  fetch_purpose purpose = fetch_purpose::answer;
  bool storable = true;                // the client lets us store the answer
  mono_time since = mono_time::min();  // a stored answer that was requested before is not new enough

  // A partial summary can change at any time: the upstream is asked each time, and no two requests share the answer.
  [[nodiscard]] bool is_bypass() const { return state == processing_state::partial; }
};

// Names a question to the upstream (this call and state, by this credential), to count its failures together.
inline std::uint64_t question_scope(const cache_key& key, processing_state state) {
  return key.hash + static_cast<std::uint64_t>(question(state));
}

// What fetching needs of the state that all workers share.
struct fetch_parts {
  shared_cache& cache;
  authorized_cache& visible;
  const pending_writes& writes;
  flight_table& flights;
  upstream_permits& permits;
  failing_calls& failing;
  credential_parts credentials;
  std::atomic<std::uint64_t>& reported_load;  // the last Twilio-Concurrent-Requests
};

class fetch_runner {
public:
  fetch_runner(worker& at, answer_source& upstream, const fetch_parts& parts) : at_(at), upstream_(upstream), parts_(parts) {}

  // Joins the flight for that question. If there is none, makes one with its leader, which the caller gives to run(). A partial always
  // gets a flight of its own.
  flight_table::join_result join(const cache_key& key, processing_state state, bool storable, const requester& who, mono_time permit_until);
  // The same for a refresh, for which no request waits.
  flight_table::join_result join_refresh(const cache_key& key, const requester& who, mono_time now);

  // Starts the fetch as a task of its own, which completes the flight whatever happens.
  void run(flight_leader lead, fetch_order order);

private:
  task<void> fly(flight_leader lead, fetch_order order);
  task<fetch_result> fetch(const flight_leader& lead, const fetch_order& order);
  task<fetch_result> ask(const flight_leader& lead, const fetch_order& order, authorized_cache::asked when, hop_ledger& hops);
  task<std::optional<fetch_result>> wait_out_failures(const flight_leader& lead, const fetch_order& order, hop_ledger& hops);
  task<upstream_permits::admitted> take_permit(upstream_permits::request permit, fetch_purpose why, int attempt);

  [[nodiscard]] std::optional<fetch_result> find_stored(const fetch_order& order);
  void note_health(const fetch_order& order, const fetch_result& result);
  fetch_result conclude(fetched got, const fetch_order& order, const authorized_cache::asked& when, upstream_permits::permit& permit,
                        hop_ledger& hops);
  [[nodiscard]] std::optional<not_stored> store(const fetch_order& order, verdict_kind meant, const authorized_cache::asked& when,
                                                const instant& now, const remembered& answer);
  void note_failure(const fetch_order& order, not_stored why_not);
  void note_not_stored(const fetch_order& order, not_stored why_not);

  worker& at_;
  answer_source& upstream_;
  const fetch_parts parts_;
};

}  // namespace gateway
