// Every list that the upstream fills costs work in proportion to its length, with as many fields as there are elements in a list.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/upstream/content_coding.hpp"
#include "core/upstream/remember.hpp"
#include "core/upstream/retry_after.hpp"
#include "upstream/answers.hpp"
#include "work.hpp"

namespace gateway::long_upstream_lists_test {
namespace {

const instant now{mono_time{std::chrono::hours{1000}}, wall_time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29}}};

// All that becomes of an answer, from its arrival on.
void use_all_of(const upstream_answer& received) {
  static body_reader reader;
  upstream_answer answer{received.status, received.fields, received.body};
  decode_content(answer, 1 << 24);
  auto const meaning = judge_answer(answer, asked(), reader);
  static_cast<void>(judge_passthrough(answer, std::nullopt, reader));
  clamp_retry_after(answer, now.wall, std::chrono::seconds{30});
  static_cast<void>(redirect_host(answer));
  static_cast<void>(dropped_fields(answer, {}));
  static_cast<void>(remember(answer, meaning, now, freshness_policy{}, false));
}

// A list of `n` elements, and `n` fields of other names, which are as long: names of another length cost no comparison.
std::function<upstream_answer(std::size_t)> list(std::string_view name, std::string_view first, std::string_view more) {
  return [=](std::size_t n) {
    auto answer = made_answer(200, summary_body(R"(,"processing_state":"complete")"));
    std::string value{first};
    for (std::size_t i = 0; i < n; ++i) value += more;
    answer.fields.push_back({name, answer.hold(std::move(value))});
    for (std::size_t i = 0; i < n; ++i) answer.fields.push_back({answer.hold("x-" + std::to_string(100'000 + i)), "1"});
    return answer;
  };
}

std::function<upstream_answer(std::size_t)> lines(std::string_view name, std::string_view value) {
  return [=](std::size_t n) {
    auto answer = made_answer(200, summary_body(R"(,"processing_state":"complete")"));
    for (std::size_t i = 0; i < n; ++i) answer.fields.push_back({name, value});
    return answer;
  };
}

std::function<upstream_answer(std::size_t)> body(std::string_view begin, std::string_view more, std::string_view end, int status = 200) {
  return [=](std::size_t n) {
    std::string text{begin};
    for (std::size_t i = 0; i < n; ++i) text += more;
    return made_answer(status, text.append(end));
  };
}

struct row {
  std::string_view name;
  std::function<upstream_answer(std::size_t)> make;
};

TEST(long_lists, what_the_upstream_sends_costs_in_proportion) {
  const row rows[] = {
      {"Connection", list("Connection", "close", ",abc-1234")},
      {"Connection, many lines", lines("Connection", "a, b, c")},
      {"Cache-Control", list("Cache-Control", "x", ", max-age=5")},
      {"Cache-Control, quotes", list("Cache-Control", "x", ", x=\"a,b")},
      {"Cache-Control, many lines", lines("Cache-Control", "no-cache, max-age=5")},
      {"Vary", list("Vary", "x", ", y")},
      {"Access-Control-Expose-Headers", list("Access-Control-Expose-Headers", "x", ", y")},
      {"Access-Control, many lines", lines("Access-Control-Allow-Origin", "*")},
      {"Content-Encoding", list("Content-Encoding", "x", ", gzip")},
      {"Age, many lines", lines("Age", "1, 2")},
      {"Expires, many lines", lines("Expires", "Sunday, 06-Nov-94 08:49:37 GMT")},
      {"Retry-After, many lines", lines("Retry-After", "1")},
      {"Location", list("Location", "https://", "a@")},
      {"members of a body", body(R"({"call_sid":"CA0000000000000000000000000000000a")", R"(,"x":1)", "}")},
      {"members of one name", body(R"({"call_sid":"CA0000000000000000000000000000000a")", R"(,"processing_state":"complete")", "}")},
      {"members of an error", body(R"({"x":1)", R"(,"codes":1)", R"(,"code":20404})", 404)},
      {"a list in a body", body(R"({"call_sid":"CA0000000000000000000000000000000a","x":[1)", ",1", "]}")},
  };
  for (auto const& one : rows) EXPECT_LT(growth_of_work(2000, one.make, use_all_of), too_much_growth) << one.name;
}

}  // namespace
}  // namespace gateway::long_upstream_lists_test
