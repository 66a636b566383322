#include "core/upstream/retry_after.hpp"

#include <algorithm>
#include <string>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using std::chrono::seconds;

bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

}  // namespace

std::optional<seconds> parse_retry_after(std::string_view text, wall_time now, seconds longest) {
  auto wanted = longest;  // a number too large to read counts as the longest
  if (is_number(text)) {
    if (auto const number = parse_decimal(text))
      wanted = seconds{std::min<std::uint64_t>(*number, static_cast<std::uint64_t>(longest.count()))};
  } else if (auto const date = parse_http_date(text, now)) {
    // Compared first, because the difference to a date centuries ago could overflow.
    wanted = *date > now ? std::chrono::ceil<seconds>(*date - now) : seconds{0};
  } else {
    return std::nullopt;
  }
  return std::clamp(wanted, std::min(seconds{1}, longest), longest);  // defence: retry-after-bounds
}

void clamp_retry_after(upstream_answer& answer, wall_time now, seconds longest) {
  auto const is_retry_after = [](const answer_field& f) { return iequals(f.name, "retry-after"); };
  auto const first = std::ranges::find_if(answer.fields, is_retry_after);
  if (first == answer.fields.end()) return;
  auto const credible = parse_retry_after(first->value, now, longest);
  std::erase_if(answer.fields, is_retry_after);
  if (credible) answer.fields.push_back({"Retry-After", answer.hold(std::to_string(credible->count()))});
}

}  // namespace gateway
