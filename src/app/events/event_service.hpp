// Answers the deliveries of Twilio's Event Streams. An event is noted before its delivery is answered, and nothing is fetched for it here.
// Thread rule: belongs to the control worker.
#pragma once

#include <functional>
#include <optional>

#include "app/events/event_effects.hpp"
#include "app/state/paced_line.hpp"
#include "core/events/delivery_check.hpp"
#include "core/events/event_batch.hpp"
#include "core/telemetry/event_figures.hpp"
#include "io/net/exchange.hpp"

namespace gateway {

class event_service {
public:
  // Every answer is given at once.
  struct pending {};

  // `noted`: called for each event that is noted.
  event_service(event_url at, event_signers signers, event_effects& effects, std::function<void(const call_event&)> noted)
      : url_(std::move(at)), signers_(std::move(signers)), effects_(effects), noted_(std::move(noted)) {}

  std::optional<pending> answer_now(exchange& one);
  task<void> answer_later(pending what, exchange& one);
  void refuse(fault why, exchange& one);
  void answered(exchange&) {}
  void account(worker&, const request_record&) {}  // requests_total is about the data listeners

  // Other tokens sign from now on.
  void use(event_signers next) { signers_ = std::move(next); }
  [[nodiscard]] const event_figures& figures() const { return figures_; }

private:
  delivery_result take(const request_head& head, const instant& now);
  void note(const twilio_event& what, const instant& now);
  void enter_refusal(delivery_result what, mono_time now);

  const event_url url_;
  event_signers signers_;
  event_effects& effects_;
  std::function<void(const call_event&)> noted_;
  event_reader reader_;
  event_figures figures_;
  paced_line refusal_line_;
  std::uint64_t refused_ = 0;  // since the refusal that was entered, until a delivery is accepted
};

}  // namespace gateway
