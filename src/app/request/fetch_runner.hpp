// Fetches a Call Summary from the upstream and stores the answer. A fetch needs no client: a request that waits, a refresh in the
// background, or anything else that knows a credential and a call can order one.
// Thread rule: one per worker, used on its thread; what it shares with the others is in shared_state.
#pragma once

#include <cstdint>
#include <optional>

#include "app/request/upstream_exchange.hpp"
#include "app/state/shared_state.hpp"
#include "io/upstream/fetcher.hpp"

namespace gateway {

// Why a fetch is made, which says how much trouble it is worth.
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
  mono_time since = mono_time::min();  // an answer that was asked for before is not new enough

  // A partial summary may be another one each time: it is asked for each time, and no other request's answer.
  [[nodiscard]] bool is_bypass() const { return state == processing_state::partial; }
};

// The question that the upstream may fail at again and again: this call, this state, by this credential.
inline std::uint64_t question_scope(const cache_key& key, processing_state state) {
  return key.hash + static_cast<std::uint64_t>(question(state));
}

class fetch_runner {
public:
  fetch_runner(worker& at, answer_source& upstream, shared_state& shared) : at_(at), upstream_(upstream), shared_(shared) {}

  // The flight for that question: one that is under way, or a new one with its leader, to be given to run(). A partial always gets a new
  // one.
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
  shared_state& shared_;
};

}  // namespace gateway
