// What every request of a data listener meets before anything is looked up for it: whose credential is it, may that client ask, and may it
// ask so often? After the answer: its place in the metrics, the access log and the recorder.
// Thread rule: one per worker, used on its thread.
#pragma once

#include "app/request/responder.hpp"
#include "app/state/shared_state.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

class request_gate {
public:
  request_gate(worker& at, shared_state& shared, const responder& answers)
      : at_(at), shared_(shared), answers_(answers), access_(shared.access), clients_(shared.clients), sampler_(policy_of(at.config.log)) {}

  void settings_changed() { sampler_ = log_sampler{policy_of(at_.config.log)}; }

  // Whether the request has come back to this gateway, or passed too many proxies: then the answer is given. A hit would hide the loop, so
  // it is decided before the cache lookup.
  bool refuses_loop(exchange& one);

  // The identity behind the credential, valid until the next request of this connection. Null: refused, the answer is given.
  const identity* admit(exchange& one);

  // The answer is complete: counts it for its client.
  static void count_client(exchange& one);
  // The answer has been written: counts it, and logs or records it if it was chosen.
  void account(worker& at, const request_record& record);

private:
  std::optional<std::chrono::seconds> charge(const identity& who, exchange& one);
  static log_policy policy_of(const log_settings& values) { return {values.access, values.sample, values.slow_after}; }

  worker& at_;
  shared_state& shared_;
  const responder& answers_;
  published_rules::reader access_;
  published_limit::reader clients_;
  log_sampler sampler_;
};

}  // namespace gateway
