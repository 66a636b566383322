// Twilio as a fetch meets it: a call that is not ready, then has a partial, then is complete. It records what was asked for.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/polling/call_event.hpp"
#include "io/upstream/fetcher.hpp"
#include "request/tenants.hpp"

namespace gateway::test {

class played_twilio final : public answer_source {
public:
  enum class stage : std::uint8_t { not_ready, partial, complete };

  std::array<stage, tenants::calls> at{};
  std::string end_time = "2200-01-31T12:00:00Z";  // of the calls: just now, by a wrong clock; "": partials do not name it
  bool refuses_partials = false;                  // a question for a partial is malformed
  std::vector<std::string> targets;               // of the requests, in order

  [[nodiscard]] bool asked_for_partial() const { return targets.back().ends_with("?ProcessingState=partial"); }

  task<fetched> fetch(const secret& request, exchange_kind, exchange_deadline, answer_room*, hop_ledger&) override {
    auto const text = request.reveal();
    auto const start = text.find(' ') + 1;
    targets.emplace_back(text.substr(start, text.find(' ', start) - start));
    fetched got;
    got.result.answer = says();
    co_return got;
  }
  void keep(std::unique_ptr<upstream_connection>) override {}
  [[nodiscard]] const std::string& host_field() const override { return host_; }

private:
  [[nodiscard]] upstream_answer says() const {
    std::size_t call = 0;
    while (targets.back().find(tenants::sid("CA", call)) == std::string::npos) ++call;
    bool const partial_wanted = asked_for_partial();
    if (partial_wanted && refuses_partials) return answer(400, R"({"code":17400,"status":400})");
    if (at[call] == stage::not_ready || (at[call] == stage::partial && !partial_wanted))
      return answer(404, R"({"code":17001,"message":"not ready","status":404})");
    auto const state = at[call] == stage::complete ? "complete" : "partial";
    auto const end = end_time.empty() ? std::string{} : R"(","end_time":")" + end_time;
    return answer(200, R"({"call_sid":")" + tenants::sid("CA", call) + R"(","account_sid":")" + tenants::sid("AC", 1) + end +
                           R"(","processing_state":")" + state + "\"}");
  }
  static upstream_answer answer(int status, std::string body) {
    return {status,
            {{"Content-Type", "application/json"}, {"Twilio-Request-Id", "RQ1"}, {"X-New", "1"}, {"ETag", "\"of-the-body\""}},
            std::move(body)};
  }

  std::string host_ = "upstream.test";
};

}  // namespace gateway::test
