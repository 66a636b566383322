// The control port's half of the simulated Twilio: looks at it and changes it while it runs.
#include <boost/json/object.hpp>

#include "json_fields.hpp"
#include "summary_body.hpp"
#include "twilio.hpp"

namespace simulator {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr double century = 3.2e9;  // in seconds

}  // namespace

json::value twilio::state(real_time now) {
  const std::lock_guard lock{mutex_};
  json::object state;
  state["requests"] = requests_;
  state["in_flight"] = in_flight_;
  state["max_in_flight"] = max_in_flight_;
  state["throttled"] = throttled_;
  state["connections_open"] = connections_.open.load();
  state["connections_total"] = connections_.total.load();
  state["handshakes_full"] = connections_.handshakes_full.load();
  state["handshakes_resumed"] = connections_.handshakes_resumed.load();
  state["handshakes_failed"] = connections_.handshakes_failed.load();
  state["malformed"] = connections_.malformed.load();
  state["held"] = held();
  state["tokens_issued"] = tokens_.issued();
  state["deliveries"] = webhooks_.log().attempts();
  state["deliveries_accepted"] = webhooks_.log().accepted();
  state["deliveries_pending"] = webhooks_.pending();
  state["now"] = to_rfc3339(clock_.now(now));
  return state;
}

json::value twilio::requests(std::optional<std::string_view> call_sid) {
  const std::lock_guard lock{mutex_};
  return log_.list(call_sid);
}

void twilio::forget_requests() {
  const std::lock_guard lock{mutex_};
  log_.clear();
  requests_ = throttled_ = 0;
  max_in_flight_ = in_flight_;
  for (auto* counter : {&connections_.total, &connections_.handshakes_full, &connections_.handshakes_resumed,
                        &connections_.handshakes_failed, &connections_.malformed})
    counter->store(0);
}

std::optional<std::string> twilio::put_call(const json::value& description, real_time now) {
  json_fields fields{description, "call"};
  call_facts call;
  call.sid = fields.text("call_sid").value_or("");
  if (!is_sid(call.sid, "CA")) fields.complain(".call_sid must be CA and 32 hex digits");
  call.account_sid = fields.text("account_sid").value_or(numbered_sid("AC", 1));
  if (!is_sid(call.account_sid, "AC")) fields.complain(".account_sid must be AC and 32 hex digits");
  const double ended_ago = fields.number("ended_ago_s", -century, century).value_or(0);
  call.partial_after = ms_of(fields.number("partial_after_s", 0, century).value_or(600));
  call.complete_after = ms_of(fields.number("complete_after_s", 0, century).value_or(1800));
  if (call.partial_after > call.complete_after) call.partial_after = call.complete_after;
  if (const auto shape = fields.text("shape")) {
    call.shape = parse_call_shape(*shape);
    if (!call.shape) fields.complain(".shape must be carrier, sip, client, trunking or whatsapp");
  }
  const auto bytes = fields.count("bytes", smallest_summary, 1 << 30);
  if (auto body = fields.text("body")) call.verbatim = std::make_shared<const std::string>(std::move(*body));
  if (const auto encoded = fields.text("body_base64")) {
    auto body = decode_base64(*encoded);
    if (!body)
      fields.complain(".body_base64 cannot be decoded");
    else
      call.verbatim = std::make_shared<const std::string>(std::move(*body));
  }
  if (auto problem = fields.problem()) return problem;

  const std::lock_guard lock{mutex_};
  call.bytes = bytes.value_or(calls_.body_bytes());
  const sim_time today = clock_.now(now);
  call.ended_at = today - ms_of(ended_ago);
  schedule_.follow(call, today);
  calls_.put(std::move(call));
  webhooks_changed_();
  return {};
}

std::optional<std::string> twilio::load_faults(const json::value& list) {
  const std::lock_guard lock{mutex_};
  return faults_.load(list);
}

void twilio::clear_faults() {
  const std::lock_guard lock{mutex_};
  faults_.clear();
}

std::optional<std::string> twilio::change_clock(const json::value& change, real_time now) {
  json_fields fields{change, "clock"};
  const auto advance = fields.number("advance_s", 0, century);
  const auto speed = fields.number("speed", 0, 1e6);
  if (!advance && !speed) fields.complain(" needs advance_s or speed");
  if (auto problem = fields.problem()) return problem;
  const std::lock_guard lock{mutex_};
  if (advance) clock_.advance(now, ms_of(*advance));
  if (speed) clock_.set_speed(now, *speed);
  webhooks_changed_();
  return {};
}

std::optional<std::string> twilio::change_limit(const json::value& change) {
  json_fields fields{change, "limit"};
  const auto limit = fields.count("concurrency", 0, 1e9);
  if (!limit) fields.complain(".concurrency is missing");
  if (auto problem = fields.problem()) return problem;
  const std::lock_guard lock{mutex_};
  limit_ = *limit;
  return {};
}

std::optional<std::string> twilio::change_latency(const json::value& change) {
  json_fields fields{change, "latency"};
  const auto model = latency_model::parse(fields.text("spec").value_or(""));
  if (!model) fields.complain(".spec must be like 5ms, uniform:1ms:20ms or lognormal:40ms:0.5");
  if (auto problem = fields.problem()) return problem;
  const std::lock_guard lock{mutex_};
  latency_ = *model;
  return {};
}

std::optional<std::string> twilio::put_credential(const json::value& credential) {
  json_fields fields{credential, "credential"};
  const auto user = fields.text("user");
  const auto secret = fields.text("secret");
  const std::string account_sid = fields.text("account_sid").value_or(user.value_or(""));
  const auto state = parse_credential_state(fields.text("state").value_or("active"));
  if (!user || user->empty() || !secret) fields.complain(" needs user and secret");
  if (!is_sid(account_sid, "AC")) fields.complain(".account_sid must be AC and 32 hex digits");
  if (!state) fields.complain(".state must be active, revoked, restricted or suspended");
  if (auto problem = fields.problem()) return problem;
  const std::lock_guard lock{mutex_};
  accounts_.put_credential(*user, *secret, account_sid, *state);
  return {};
}

}  // namespace simulator
