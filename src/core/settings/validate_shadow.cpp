#include "core/settings/validate_shadow.hpp"

#include <algorithm>
#include <vector>

namespace gateway {
namespace {

// Each value costs memory and time of its own.
constexpr std::size_t most_values = 6;

template <class Value>
std::string why_no_list(std::vector<Value> values) {
  if (values.size() > most_values) return "must hold no more than " + std::to_string(most_values) + " values";
  std::ranges::sort(values);
  return std::ranges::adjacent_find(values) == values.end() ? "" : "must not hold the same value twice";
}

}  // namespace

void validate_shadow(const shadow_settings& s, const credential_settings& present,
                     const std::function<void(const std::string& key, std::string text)>& report) {
  if (auto const why = why_no_list(s.max_bytes); !why.empty()) report("shadow.max_bytes", why);
  if (auto const why = why_no_list(s.fresh_for); !why.empty()) report("shadow.fresh_for", why);
  if (s.sharing == shadow_sharing::as_is) return;
  bool const is_present = (s.sharing == shadow_sharing::grants) == (present.sharing == sharing_mode::grants);
  if (present.mode == credentials_mode::inject) {
    report("shadow.sharing", "is for credentials.mode forward: in mode inject an account's clients share anyway");
  } else if (is_present) {
    report("shadow.sharing", "must differ from credentials.sharing, which is estimated anyway");
  }
}

}  // namespace gateway
