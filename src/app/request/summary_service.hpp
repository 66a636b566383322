// The life of a request for a Call Summary: here stands the order of its steps, the decisions themselves are core's.
// Thread rule: one per worker, used on its thread; what it shares with the others is in shared_state.
#pragma once

#include <optional>
#include <string>

#include "app/request/request_gate.hpp"
#include "app/request/waiting.hpp"
#include "core/cache/lookup.hpp"
#include "core/request/route.hpp"
#include "io/upstream/fetcher.hpp"

namespace gateway {

class summary_service {
public:
  // What an answer that has to wait needs to know.
  struct wanted {
    wanted(const summary_request& what, const cache_key& filed_under) : request(what), key(filed_under) {}

    summary_request request;
    cache_key key;
    lookup found = lookup::nothing;  // what the look into the cache came to
    bool storable = true;            // the client lets us keep the answer
    // A partial may be another one with each look: it goes upstream for each who asks, and is nobody else's answer.
    [[nodiscard]] bool is_bypass() const { return request.state == processing_state::partial; }
    // What the upstream may fail at again: this question about this call, by this credential.
    [[nodiscard]] std::uint64_t scope() const { return key.hash + static_cast<std::uint64_t>(question(request.state)); }
  };

  summary_service(worker& at, answer_source& upstream, shared_state& shared, request_gate& gate)
      : at_(at), upstream_(upstream), shared_(shared), gate_(gate) {}

  // A hit, a refusal or a preflight: a plain function call. Nothing is returned when the answer stands in `out`.
  // `where`: what the head's path names.
  std::optional<wanted> answer_now(const route& where, const request_head& head, exchange& one, std::string& out);

  // Everything that needs the upstream. Ends by upstream.timeout, always.
  task<void> answer_later(wanted what, const request_head& head, exchange& one, std::string& out);

private:
  authorized_cache::found look(const wanted& what, const instant& now);
  bool answer_from_cache(wanted& what, const request_head& head, exchange& one, std::string& out);
  void give_kept(const entry& kept, const judgement& judged, std::string_view detail, const request_head& head, exchange& one,
                 std::string& out);
  // What is kept, because the upstream failed a reader who had insisted on it; false if there is nothing (any more) to give.
  bool serve_stale(const wanted& what, const request_head& head, exchange& one, std::string& out);
  // Without having heard from the upstream.
  void reject(fault why, const wanted& what, const request_head& head, exchange& one, std::string& out,
              std::chrono::seconds retry_after = request_gate::retry_when_busy);
  void refresh(const wanted& what, const cache_key& stale, const request_head& head, exchange& one);
  // The flight that brings it: one that is under way already, or a new one.
  flight_table::boarding board(const wanted& what, const requester& who, mono_time until);
  void deliver(const fetch_result& result, const wanted& what, bool collapsed, const request_head& head, exchange& one, std::string& out);

  // Of readers who wait, or of nobody: then it flies only if there is room at once.
  enum class purpose { answer, refresh };

  task<void> fly(flight_leader lead, wanted what, principal asks, upstream_permits::request permit, purpose why);
  task<bool> wait_out_failures(const flight_leader& lead, const wanted& what, upstream_permits::request permit, purpose why,
                               fetch_result& result);
  task<upstream_permits::admitted> take_permit(upstream_permits::request permit, purpose why, int attempt);
  void shed(const upstream_permits::admitted& why, fetch_result& result);
  void note_failures(const wanted& what, const fetch_result& result);
  bool find_filed(const wanted& what, mono_time asked_at, fetch_result& result);
  void conclude(fetched got, const wanted& what, const authorized_cache::asked& when, upstream_permits::permit& permit,
                fetch_result& result);
  void file(const wanted& what, verdict_kind meant, const authorized_cache::asked& when, const instant& now, remembered& answer);
  void fail(fetch_result& result, const wanted& what, fault why, not_stored why_not);
  // An answer came, or should have, and was not kept.
  void leave_not_stored(const wanted& what, not_stored why_not);

  worker& at_;
  answer_source& upstream_;
  shared_state& shared_;
  request_gate& gate_;
};

}  // namespace gateway
