// The life of a request that is passed on: asked upstream each time, never kept, never shared with another reader. It keeps to all
// bounds of a summary's: who may ask, how often, how many at once, until when. The exchange is a task of its own: the client's patience
// ends its waiting, never a write that has been sent.
// Thread rule: one per worker, used on its thread; what it shares with the others is in shared_state.
#pragma once

#include <optional>
#include <string>

#include "app/request/request_gate.hpp"
#include "app/request/waiting.hpp"
#include "core/request/passthrough_request.hpp"
#include "io/upstream/fetcher.hpp"

namespace gateway {

class passthrough_service {
public:
  passthrough_service(worker& at, answer_source& upstream, shared_state& shared, request_gate& gate)
      : at_(at), upstream_(upstream), shared_(shared), gate_(gate) {}

  // Nothing is returned when the answer stands in `out`: a refusal or a preflight.
  std::optional<passthrough_request> answer_now(const route& where, const request_head& head, exchange& one, std::string& out);

  // Ends by upstream.timeout, always.
  task<void> answer_later(passthrough_request asked, const request_head& head, exchange& one, std::string& out);

private:
  // What the exchange needs to know when the client may have gone.
  struct errand {
    errand(const passthrough_request& asked, const partition& whose, std::uint64_t who, const client_name& called)
        : what(asked.what), changes(asked.changes()), call(asked.call), owner(whose), client(who), name(called) {}

    resource what;
    bool changes;
    std::optional<call_sid> call;
    partition owner;
    std::uint64_t client;  // a keyed hash
    client_name name;
  };
  task<void> carry_out(flight_leader lead, errand what, secret request, upstream_permits::request permit);
  void conclude(fetched got, const errand& what, mono_time asked_at, upstream_permits::permit& permit, fetch_result& result);
  // What a write may have done, before anybody hears of it: whoever has its answer, and reads, sees what was written.
  void note_change(const errand& what, bool certain);
  [[nodiscard]] bool has_something(const partition& writer, mono_time now) const;
  void deliver(const fetch_result& result, const passthrough_request& asked, const request_head& head, exchange& one, std::string& out);

  worker& at_;
  answer_source& upstream_;
  shared_state& shared_;
  request_gate& gate_;
};

}  // namespace gateway
