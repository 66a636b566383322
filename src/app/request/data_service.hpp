// The life of a request to a data listener, step by step; the decisions are core's.
// Thread rule: one per worker, used on its thread; what it shares with the others is in its parts.
#pragma once

#include <optional>
#include <variant>

#include "app/request/fetch_runner.hpp"
#include "app/request/hold_service.hpp"
#include "app/request/passthrough_service.hpp"
#include "app/request/request_gate.hpp"
#include "app/request/responder.hpp"
#include "app/request/waiting.hpp"

namespace gateway {

// What answering a request needs of the state that all workers share.
struct data_parts {
  gate_parts gate;
  waiting_parts waiting;
  fetch_parts fetching;
  passthrough_parts passthrough;
};

class data_service {
public:
  using pending = std::variant<pending_summary, passthrough_request>;

  // `values`: the settings in force of that upstream.
  data_service(worker& at, answer_source& upstream, const upstream_settings& values, const data_parts& parts)
      : at_(at),
        values_(values),
        parts_(parts),
        reader_(parts.fetching.cache.join_readers()),
        answers_(at),
        gate_(at, parts.gate, answers_),
        fetches_(at, upstream, values, parts.fetching),
        holds_(at, fetches_, parts_.fetching, parts_.waiting, parts_.gate.via, gate_, answers_),
        passthrough_(at, upstream, values, parts.passthrough, gate_, answers_) {}
  data_service(const data_service&) = delete;
  data_service& operator=(const data_service&) = delete;

  // A hit, a refusal or a preflight: a plain function call. Nothing: the answer is given.
  std::optional<pending> answer_now(exchange& one);

  // Everything that needs the upstream, or is held. Always ends in time.
  task<void> answer_later(pending what, exchange& one);

  // Fetches a summary with an account of the gateway, though no client waits for it. As a refresh, only if there is room at once.
  void prefetch(const identity& whose, const call_sid& call);

  void refuse(fault why, exchange& one) {
    gate_.report_wrong_protocol(why, one);
    answers_.refuse(why, one);
  }
  void answered(exchange& one) { gate_.count_client(one); }
  void account(worker& at, const request_record& record) { gate_.account(at, record); }
  // The worker has another copy of the settings.
  void settings_changed() {
    answers_.settings_changed();
    gate_.settings_changed();
  }

private:
  task<void> answer_by_upstream(pending_summary& what, exchange& one);
  struct awaited {
    fetch_result_ptr result;  // null: none came, `why`
    bool leads = false;       // this request started the fetch
    fault why = fault::upstream_timeout;
  };
  task<awaited> await_fetch(const pending_summary& what, const waiting_request& waiting, exchange& one);
  void give(const fetch_result& result, const pending_summary& what, bool collapsed, exchange& one);
  // A stale answer if one may be given instead, or the fault.
  void give_without_upstream(fault why, const pending_summary& what, exchange& one,
                             std::chrono::seconds retry_after = responder::retry_when_busy);
  bool give_stale(const pending_summary& what, exchange& one);
  void count_spared(const entry& given, const cache_key& key, mono_time now);
  void refresh(const pending_summary& what, const cache_key& stale, exchange& one);

  worker& at_;
  const upstream_settings& values_;
  const data_parts parts_;
  read_table::reader reader_;  // of hits
  responder answers_;
  request_gate gate_;
  fetch_runner fetches_;
  hold_service holds_;
  passthrough_service passthrough_;
};

}  // namespace gateway
