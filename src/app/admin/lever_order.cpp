#include "app/admin/lever_order.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/request/query.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view right_span = "for is a time from 1s to 24h, such as 10m.";

struct rules {
  lever::kind what;
  bool sets;                   // without a parameter that lifts it
  std::string_view choice;     // the parameter that says to what, or ""
  std::string_view lifts;      // its value that lifts the lever
  std::chrono::minutes usual;  // without `for`
  std::string_view right;
};

// In the order of lever_command.
constexpr std::array<rules, 4> table{{
    {lever::kind::pause, true, "", "", 10min,
     "The parameters are for=10m and upstream=NAME. Without any, all requests to Twilio pause for ten minutes."},
    {lever::kind::pause, false, "", "", 0min, "The only parameter is upstream=NAME. Without it, every pause is lifted."},
    {lever::kind::limit, true, "limit", "auto", 60min, "Say account=NAME, and limit=N or limit=auto; perhaps for=1h and upstream=NAME."},
    {lever::kind::circuit, true, "state", "close", 10min,
     "Say account=NAME, and state=open or state=close; perhaps for=10m and upstream=NAME."},
}};

// The parameters as they came; each once at most.
struct given {
  std::optional<std::string> account, upstream, lasts, choice;
  bool is_known = true;
};

given read(std::string_view query, std::string_view choice) {
  given made;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    auto* const into = name == "account"                   ? &made.account
                       : name == "upstream"                ? &made.upstream
                       : name == "for"                     ? &made.lasts
                       : !choice.empty() && name == choice ? &made.choice
                                                           : nullptr;
    made.is_known = made.is_known && into != nullptr && !*into && !value.empty();
    if (into != nullptr) *into = decoded(value);
  });
  return made;
}

bool is_choice(const rules& of, lever_order& made, const std::string& text) {
  if (text == of.lifts) return made.sets = false, true;
  if (of.what == lever::kind::circuit) return text == "open";
  made.limit = parse_decimal(text).value_or(0);
  return made.limit >= 1;
}

}  // namespace

std::optional<lever_order> read_lever(lever_command wanted, std::string_view query, std::string& why_not) {
  auto const& of = table[static_cast<std::size_t>(wanted)];
  auto const from = read(query, of.choice);
  lever_order made;
  made.what = of.what;
  made.sets = of.sets;
  bool const has_choice = !of.choice.empty();
  bool const is_whole = from.is_known && has_choice == from.account.has_value() && has_choice == from.choice.has_value();
  if (!is_whole || (has_choice && !is_choice(of, made, *from.choice)) || (from.lasts && !made.sets)) {
    why_not = of.right;
    return std::nullopt;
  }
  auto const lasts = from.lasts ? parse_duration(*from.lasts) : of.usual;
  if (made.sets && (!lasts || *lasts < lever::shortest || *lasts > lever::longest)) {  // defence: lever-bounded
    why_not = right_span;
    return std::nullopt;
  }
  if (made.sets) made.lasts = *lasts;
  made.account = from.account.value_or("");
  made.upstream = from.upstream.value_or("");
  return made;
}

}  // namespace gateway
