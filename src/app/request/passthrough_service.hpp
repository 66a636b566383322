// The life of a request that passes through: the upstream is asked each time, nothing is stored, and no other request shares the answer.
// It keeps to all bounds of a summary's: who may ask, how often, how many at once, until when. The exchange is a task of its own: the
// client's deadline ends its wait, never a write that has been sent.
// Thread rule: one per worker, used on its thread; what it shares with the others is in its parts.
#pragma once

#include <optional>

#include "app/request/request_gate.hpp"
#include "app/request/upstream_exchange.hpp"
#include "app/request/waiting.hpp"
#include "app/state/fleet_notices.hpp"
#include "app/state/pending_writes.hpp"
#include "app/state/uncertain_writes.hpp"
#include "core/request/passthrough_request.hpp"
#include "core/upstream/answer_room.hpp"
#include "io/upstream/fetcher.hpp"
#include "io/upstream/flight.hpp"

namespace gateway {

// What passing a request through needs of the state that all workers share.
struct passthrough_parts {
  const short_hash_key& table_key;
  shared_cache& cache;
  authorized_cache& visible;
  upstream_permits& permits;
  pending_writes& writes;
  uncertain_writes& uncertain;
  large_answers& large;
  told_by_upstream& told;
  first_seen& dropped_names;  // of its fields that clients do not get
  waiting_parts waiting;
  credential_parts credentials;
  client_quotas& quotas;
  const std::string& via;          // the name of this process there
  fleet_notices* fleet = nullptr;  // takes changes; null: there is none
};

class passthrough_service {
public:
  // `values`: the settings in force of that upstream.
  passthrough_service(worker& at, answer_source& upstream, const upstream_settings& values, const passthrough_parts& parts,
                      request_gate& gate, const responder& answers)
      : at_(at), upstream_(upstream), values_(values), parts_(parts), gate_(gate), answers_(answers) {}

  // Nothing: the answer is given, a refusal or a preflight.
  std::optional<passthrough_request> answer_now(exchange& one);

  // Ends by upstream.timeout, always.
  task<void> answer_later(passthrough_request asked, exchange& one);

private:
  // What the exchange needs to know; the client may have gone when it ends.
  struct order {
    order(const passthrough_request& asked, const partition& whose, const requester& by, const client_name& called, std::string at)
        : what(asked.what),
          is_write(asked.changes()),
          call(asked.call),
          owner(whose),
          client(by.client),
          name(called),
          reached_at(std::move(at)) {}

    resource what;
    bool is_write;
    std::optional<call_sid> call;
    partition owner;
    std::uint64_t client;  // a keyed hash
    client_name name;
    std::string payer{};       // the client whose quota it counts against; "": none
    std::string reached_at;    // from own_origin()
    bool takes_token = false;  // an OAuth token is put into its request when it is sent
  };
  // What a client that may see the calls of some accounts only must not do, or be shown; nothing: it may.
  [[nodiscard]] std::optional<fault> refusal_of_write(const identity& who, const passthrough_request& asked) const;
  [[nodiscard]] std::optional<fault> refusal_of_answer(const fetch_result& result, const passthrough_request& asked,
                                                       const exchange& one) const;
  task<void> run(flight_leader lead, order what, secret request);
  task<fetch_result> ask(const flight_leader& lead, const order& what, const secret& request, hop_ledger& hops);
  // With the token of the account. A read is repeated once with another one, if the upstream says that the token has ended.
  task<fetch_result> ask_with_token(const flight_leader& lead, const order& what, const secret& request, hop_ledger& hops);
  // Null: its answer is never larger than others.
  [[nodiscard]] std::shared_ptr<answer_room> room_for(resource what) const;
  fetch_result conclude(fetched got, const order& what, mono_time asked_at, upstream_permits::permit& permit);
  // Invalidates what a write about a call may have changed, before its answer is given: a client that has the answer, and reads, gets what
  // was written.
  void note_change(const order& what, bool certain);
  [[nodiscard]] bool has_something(const partition& writer, mono_time now) const;

  worker& at_;
  answer_source& upstream_;
  const upstream_settings& values_;
  const passthrough_parts parts_;
  request_gate& gate_;
  const responder& answers_;
};

}  // namespace gateway
