// What every request of a data listener meets, whatever it asks for: who asks, may they, and may they so often; and the answers that
// need nobody else: refusals and preflights.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <string>

#include "app/state/shared_state.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

class request_gate {
public:
  // What is shed may come again when a place could have become free.
  static constexpr std::chrono::seconds retry_when_busy{1};

  request_gate(worker& at, shared_state& shared)
      : at_(at), shared_(shared), access_(shared.access), clients_(shared.clients), choice_(policy_of(at.config.log)) {}

  void settings_changed() { choice_ = log_sampler{policy_of(at_.config.log)}; }

  // Who asks, until the next request of this connection; null: refused, the answer stands in `out`.
  const identity* admit(const request_head& head, exchange& one, std::string& out);

  void answer_preflight(const request_head& head, exchange& one, std::string& out);

  // `head` is null where none could be read.
  void refuse(fault why, const request_head* head, exchange& one, std::string& out, std::chrono::seconds retry_after = retry_when_busy);

  // The page that asked, if there is one and it may read what we say.
  [[nodiscard]] std::string_view readable_by(const request_head& head) const;

  // It has been answered.
  static void count_client(exchange& one);
  // Its answer has been written.
  void account(worker& at, const request_record& record);

private:
  std::optional<std::chrono::seconds> charge(const identity& who, exchange& one);
  static log_policy policy_of(const log_settings& values) { return {values.access, values.sample, values.slow_after}; }

  worker& at_;
  shared_state& shared_;
  published_rules::reader access_;
  published_limit::reader clients_;
  log_sampler choice_;
};

}  // namespace gateway
