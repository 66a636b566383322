// What each check of `ctl doctor` means for the operator: what is wrong, and what would be right.
// Thread rule: pure functions. Time rule: `now` is an argument.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/doctor/finding.hpp"
#include "core/doctor/way_report.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/token_answer.hpp"

namespace gateway {

// The settings that a way depends on, to name them in an advice.
struct way_settings {
  std::string url, authorities, proxy, proxy_credential;
};

// Name, connection, tunnel if there is a proxy, and TLS: a line for each step; those behind a step that failed are skipped.
std::vector<finding> judge_way(const std::string& label, const way_report& way, const way_settings& named, wall_time now);

// The answer to a request without a credential. `failed`: there was none.
finding judge_answer_without_credential(const std::string& label, std::optional<fault> failed, int status, int code,
                                        const std::string& url_setting);

// `date`: the upstream's Date field. It was written between `sent` and `received`.
finding judge_clock(const std::string& label, std::string_view date, wall_time sent, wall_time received);

// The answer to a request for a call that does not exist, with this credential.
finding judge_credential(const std::string& label, std::optional<fault> failed, int status, const verdict& meaning,
                         const std::string& file_setting);
finding judge_token(const std::string& label, token_result is, std::string_view error);

// `why_not`: "" if the engine serves this user. `version`: as the engine says; "" if it does not.
finding judge_engine(const std::string& address, const std::string& why_not);
std::vector<finding> judge_engine_kind(std::string_view eviction, std::string_view version);

// The answer to an unsigned delivery. `fault_field`: the answer's Gateway-Fault.
finding judge_webhook(std::optional<fault> failed, int status, std::string_view fault_field);

// Of a listener of this gateway.
finding judge_own_certificate(const std::string& label, const certificate_life& life, wall_time now);

}  // namespace gateway
