// What a real call tells about Twilio that the gateway could only assume: for a user to paste into an issue. No SID, number, name or other
// part of a body is in it.
// Thread rule: pure functions over values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "core/upstream/answer.hpp"
#include "core/upstream/twilio_body.hpp"

namespace gateway {

// The questions that are asked about the call, in their order.
enum class live_question : std::uint8_t { plain, partial, all, other_case, gzip };
inline constexpr std::size_t live_questions = 5;

// The request for one of them.
secret live_request(live_question which, std::string_view host, const call_sid& call, std::string_view authorization);

// What is kept of an answer.
struct live_answer {
  std::optional<fault> failed;  // there is none
  int status = 0;
  int code = 0;  // Twilio's
  bool is_gzip = false;
  bool names_call = false;           // in lower case, as Twilio writes it
  bool names_call_as_asked = false;  // in the spelling of the request
  summary_facts::summary_state state = summary_facts::summary_state::other;
  bool has_end = false;
  std::vector<std::string> fields;  // names of the header, lower case, those that decide
};
// `asked`: as it was spelled in the request. `body`: without its coding.
live_answer note_answer(const upstream_answer& answer, bool was_gzip, const call_sid& asked, body_reader& reader);

// The spelling that live_question::other_case asks for.
call_sid in_other_case(const call_sid& call);

// A line for each assumption: "holds", "differs" or "not seen".
std::string live_report(const std::array<live_answer, live_questions>& answers);

}  // namespace gateway
