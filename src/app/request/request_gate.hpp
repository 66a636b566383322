// What every request of a data listener meets before anything is looked up for it: whose credential is it, may that client ask, and may it
// ask so often? After the answer: its place in the metrics, the access log and the recorder.
// Thread rule: one per worker, used on its thread.
#pragma once

#include "app/request/responder.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/client_limit.hpp"
#include "app/state/paced_line.hpp"
#include "app/state/refused_accounts.hpp"
#include "io/files/access_files.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

// What the gate needs of the state that all workers share.
struct gate_parts {
  const short_hash_key& log_key;
  const published_rules& access;
  const published_limit& clients;
  const authorized_cache& visible;
  const refused_accounts& refused;
  const std::string& via;  // the name of this process there
  paced_line& loop_line;
  paced_line& protocol_line;
  paced_line& proof_line;
  const upstream_scope* upstream = nullptr;  // that this gate is for; null: the section upstream
};

class request_gate {
public:
  request_gate(worker& at, const gate_parts& parts, const responder& answers)
      : at_(at),
        parts_(parts),
        answers_(answers),
        access_(parts.access),
        clients_(parts.clients),
        sampler_(policy_of(at.config.log)),
        naming_{at.config.log.client_addresses, derived_key(parts.log_key, "clients")} {}

  void settings_changed() { sampler_ = log_sampler{policy_of(at_.config.log)}; }

  // Whether the request has come back to this gateway, or passed too many proxies: then the answer is given. A hit would hide the loop, so
  // it is decided before the cache lookup.
  bool refuses_loop(exchange& one);

  // A client speaks TLS where plain HTTP is expected, or the other way round: the log says so.
  void report_wrong_protocol(fault why, exchange& one);

  // The identity behind the credential, valid until the next request of this connection. Null: refused, the answer is given.
  const identity* admit(exchange& one);

  // What a reload took from the client while its request waited is not given to it any more. False: refused, the answer is given.
  bool may_still(exchange& one);

  // The answer is complete: counts it for its client.
  void count_client(exchange& one) const;
  // The answer has been written: counts it, and logs or records it if it was chosen.
  void account(worker& at, const request_record& record);

private:
  boost::system::result<const identity*, fault> recognise(exchange& one, const access_rules& rules);
  [[nodiscard]] bool has_right(const identity& who, exchange& one) const;
  std::optional<std::chrono::seconds> charge(const identity& who, exchange& one);
  static log_policy policy_of(const log_settings& values) {
    return {values.access, values.sample, values.slow_after, values.lines_per_fault};
  }

  worker& at_;
  const gate_parts parts_;
  const responder& answers_;
  published_rules::reader access_;
  published_limit::reader clients_;
  log_sampler sampler_;
  const client_naming naming_;
};

}  // namespace gateway
