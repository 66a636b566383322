// Makes upstream answers for tests, each in one line, and splits a header block into lines.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

inline constexpr std::string_view asked_sid = "CA0000000000000000000000000000000a";
inline call_sid asked() { return *call_sid::parse(asked_sid); }

inline upstream_answer made_answer(int status, std::string body, std::initializer_list<answer_field> fields = {}) {
  upstream_answer answer{status, {{"Content-Type", "application/json"}}, std::move(body)};
  answer.fields.insert(answer.fields.end(), fields);
  return answer;
}

// {"call_sid":"CA…a" with further members: `, "processing_state":"complete"`
inline std::string summary_body(std::string_view more) {
  return std::string{R"({"call_sid":")"}.append(asked_sid).append("\"").append(more).append("}");
}

inline std::string error_body(int code) { return "{\"code\":" + std::to_string(code) + ",\"message\":\"m\",\"status\":404}"; }

// The lines of a header block without their CRLF; the block must consist of complete lines.
inline std::vector<std::string> lines_of(std::string_view block) {
  std::vector<std::string> lines;
  while (!block.empty()) {
    auto const end = block.find("\r\n");
    lines.emplace_back(block.substr(0, end));
    if (end == std::string_view::npos) return lines;
    block.remove_prefix(end + 2);
  }
  return lines;
}

}  // namespace gateway
