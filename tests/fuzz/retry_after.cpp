// Any bytes as the upstream's Retry-After: what is relayed is a small number, or nothing.
#include "core/upstream/retry_after.hpp"
#include "core/base/text.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  using namespace std::chrono_literals;
  static const wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}};
  auto const text = text_of(data, size);
  auto const found = parse_retry_after(text, now, 30s);
  claim(!found || (*found >= 1s && *found <= 30s), "within bounds");
  if (auto const date = parse_http_date(text, now)) {
    claim(found.has_value(), "a date counts");
    claim(parse_http_date(http_date(*date), now) == date, "and is the same date in the form of today");
  }
  upstream_answer answer;
  answer.fields = {{"Retry-After", text}, {"retry-after", "1"}};
  clamp_retry_after(answer, now, 30s);
  claim(answer.fields.size() == (found ? 1U : 0U), "once or not at all");
  claim(!found || parse_decimal(answer.field("retry-after")) == static_cast<std::uint64_t>(found->count()), "as a number");
  return 0;
}
