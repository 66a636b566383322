// Twilio's identifiers as types: a value exists only after a successful parse, so later code need not check again.
// Thread rule: values.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

// Two letters and 32 hexadecimal digits. The case of the digits is preserved, and two spellings are two values that may name one thing:
// lower() is the same for both.
template <char First, char Second>
class sid {
public:
  static constexpr std::size_t length = 34;

  static std::optional<sid> parse(std::string_view text) {
    if (text.size() != length || text[0] != First || text[1] != Second) return std::nullopt;
    static constexpr char_set is_digit_of_it{"", is_hex};
    if (!is_digit_of_it.holds_all(text.substr(2))) return std::nullopt;  // defence: sid-syntax
    sid parsed;
    std::ranges::copy(text, parsed.text_.begin());
    return parsed;
  }

  [[nodiscard]] std::string_view view() const { return {text_.data(), text_.size()}; }
  // The spelling with lower-case digits, as Twilio writes it. The two letters stay as they are.
  [[nodiscard]] sid lower() const {
    auto made = *this;
    std::ranges::transform(view().substr(2), made.text_.begin() + 2, gateway::lower);
    return made;
  }
  friend bool operator==(const sid&, const sid&) = default;

private:
  sid() = default;
  std::array<char, length> text_{};
};

using call_sid = sid<'C', 'A'>;

// Whether both name one call, however they are spelled.
inline bool same_call(const call_sid& a, const call_sid& b) { return iequals(a.view(), b.view()); }
using account_sid = sid<'A', 'C'>;

}  // namespace gateway
