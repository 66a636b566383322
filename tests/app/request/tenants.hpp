// The tenants of the model: accounts, their calls, and the credentials that may or may not read them, with Twilio's answers.
//   1 parent of 2 and 3 · 2 subaccount · 3 its sibling · 9 an unrelated account
// Bearer tokens: three of one subject in account 2 (one can be revoked, one has expired by its own word), one that copies its claims but is
// forged, and one of another subject.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt.hpp"
#include "core/auth/credentials.hpp"
#include "core/base/ids.hpp"
#include "core/upstream/answer.hpp"

namespace gateway::test {

struct tenant {
  std::string_view name;
  std::string credential;
  unsigned account;  // 0: a wrong secret of no account
  bool revoked = false;
};

enum tenant_index : std::size_t {
  parent,
  parents_key,
  subaccount,
  sibling,
  stranger,
  wrong_secret,
  revocable,
  first_token,
  revocable_token,
  expired_token,
  forged_token,
  other_subjects_token,
  tenant_count
};

// `number` tells tokens with the same claims apart.
inline std::string model_token(std::string_view subject, bool expired, int number) {
  std::string payload = R"({"iss":"https://id","aud":"api","sub":")" + std::string{subject} + R"(","exp":)";
  return jwt_of(payload.append(expired ? "1" : "8000000000").append(R"(,"jti":")").append(std::to_string(number)).append("\"}"));
}
inline bool shares_by_claims(std::size_t who) { return who >= first_token && who <= other_subjects_token && who != forged_token; }

class tenants {
public:
  static constexpr std::array<unsigned, 4> accounts{1, 2, 3, 9};
  static constexpr std::size_t calls = 2 * accounts.size();

  static unsigned owner_of(std::size_t call) { return accounts[call % accounts.size()]; }
  static std::string sid(std::string_view prefix, std::size_t number) {
    auto const digits = std::to_string(number);
    return std::string{prefix} + std::string(32 - digits.size(), '0') + digits;
  }

  [[nodiscard]] std::string authorization(std::size_t who) const {
    return std::string{compose_authorization(all[who].credential).reveal()};
  }
  // tenant_count if no tenant sends that.
  [[nodiscard]] std::size_t sender(std::string_view sent) const {
    for (std::size_t i = 0; i < tenant_count; ++i) {
      if (authorization(i) == sent) return i;
    }
    return tenant_count;
  }

  [[nodiscard]] bool may_read(std::size_t who, std::size_t call) const {
    auto const viewer = all[who].account;
    auto const owner = owner_of(call);
    return viewer != 0 && !all[who].revoked && (viewer == owner || (viewer == 1 && (owner == 2 || owner == 3)));
  }

  // Twilio's answer at this moment.
  [[nodiscard]] upstream_answer says(std::size_t who, std::size_t call, bool to_partial) const {
    if (all[who].account == 0 || all[who].revoked) return error(401, 20003);
    if (!may_read(who, call)) return error(403, 17000);
    if (!complete[call] && (!to_partial || without_partial[call])) return error(404, 17001);
    std::string body = R"({"call_sid":")" + sid("CA", call) + R"(","account_sid":")" + sid("AC", owner_of(call));
    body += R"(","edition":)" + std::to_string(edition[call]);
    body += complete[call] ? R"(,"processing_state":"complete"})" : R"(,"processing_state":"partial"})";
    return {200, {{"Content-Type", "application/json"}}, std::move(body)};
  }

  std::array<tenant, tenant_count> all{{{"parent", "AC1:token", 1},
                                        {"parent's key", "SK1:secret", 1},
                                        {"subaccount", "AC2:token", 2},
                                        {"sibling", "AC3:token", 3},
                                        {"stranger", "AC9:token", 9},
                                        {"wrong secret", "AC1:wrong", 0},
                                        {"revocable", "SK2:secret", 2},
                                        {"first token", model_token("OQ1", false, 1), 2},
                                        {"revocable token", model_token("OQ1", false, 2), 2},
                                        {"expired token", model_token("OQ1", true, 3), 2},
                                        {"forged token", model_token("OQ1", false, 4), 0},
                                        {"other subject's token", model_token("OQ2", false, 5), 2}}};
  std::array<bool, calls> complete{};
  std::array<bool, calls> without_partial{};
  std::array<unsigned, calls> edition{};  // what the body says beside: a test raises it with a purge

private:
  static upstream_answer error(int status, int code) {
    return {status,
            {{"Content-Type", "application/json"}},
            "{\"code\":" + std::to_string(code) + ",\"status\":" + std::to_string(status) + "}"};
  }
};

}  // namespace gateway::test
