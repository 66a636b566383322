#include "core/request/trace_context.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_state = 512;  // every vendor should propagate at least this many characters, and none may rely on more
constexpr std::size_t max_members = 32;

// The value of each lower-case hexadecimal digit; 0xff for other characters.
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

// Reads digits from the front; records errors instead of stopping.
class hex_reader {
public:
  explicit hex_reader(std::string_view text) : text_(text) {}

  std::uint64_t take(std::size_t digits) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      auto const value = digit_values[static_cast<unsigned char>(text_[i])];
      bad_ |= value;
      number = number << 4 | (value & 15);
    }
    text_.remove_prefix(digits);
    return number;
  }
  void dash() {
    if (text_.front() != '-') bad_ |= 0x80;
    text_.remove_prefix(1);
  }
  [[nodiscard]] bool is_sound() const { return bad_ < 16; }

private:
  std::string_view text_;
  std::uint8_t bad_ = 0;
};

// tenant@system or a simple key: lower case, with a letter first (a tenant may begin with a digit).
bool is_key(std::string_view key) {
  static constexpr char_set is_key_char{"abcdefghijklmnopqrstuvwxyz_-*/", is_digit};
  auto const is_part = [](std::string_view part, std::size_t most, bool digit_first) {
    if (part.empty() || part.size() > most) return false;
    bool const begins = (part[0] >= 'a' && part[0] <= 'z') || (digit_first && is_digit(part[0]));
    return begins && is_key_char.holds_all(part);
  };
  auto const at = key.find('@');
  if (at == std::string_view::npos) return is_part(key, 256, false);
  return is_part(key.substr(0, at), 241, true) && is_part(key.substr(at + 1), 14, false);
}

// Printable, no comma, no equals sign, no space at the end.
bool is_value(std::string_view value) {
  static constexpr char_set is_value_char{"", [](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; }};
  return !value.empty() && value.size() <= 256 && value.back() != ' ' && is_value_char.holds_all(value);
}

}  // namespace

std::optional<trace_place> parse_traceparent(std::string_view value) {
  static constexpr std::size_t size = 55;  // 00-TRACE(32)-PARENT(16)-FLAGS(2)
  if (value.size() < size) return std::nullopt;
  hex_reader digits{value};
  trace_place place;
  auto const version = digits.take(2);
  digits.dash();
  place.trace.high = digits.take(16);
  place.trace.low = digits.take(16);
  digits.dash();
  place.parent = digits.take(16);
  digits.dash();
  place.sampled = (digits.take(2) & 1) != 0;
  if (!digits.is_sound() || version == 0xff || !place.trace.is_set() || place.parent == 0) return std::nullopt;
  // A later version may append more, after another dash.
  bool const ends_well = value.size() == size || (version > 0 && value[size] == '-');
  return ends_well ? std::optional{place} : std::nullopt;
}

std::string traceparent_of(const trace_place& place, span_id span) {
  std::string text;
  text.reserve(64);
  text += "00-";
  append_hex(text, place.trace.high);
  append_hex(text, place.trace.low);
  text += '-';
  append_hex(text, span);
  return text += place.sampled ? "-01" : "-00";
}

std::string text_of(const trace_id& id) {
  std::string text;
  append_hex(text, id.high);
  append_hex(text, id.low);
  return text;
}

std::string text_of_span(span_id id) {
  std::string text;
  append_hex(text, id);
  return text;
}

std::string sane_tracestate(const field_lines& lines) {
  std::string all;
  std::size_t members = 0;
  bool sane = true;
  lines.for_each([&](std::string_view member) {
    auto const equals = std::min(member.find('='), member.size());
    sane = sane && ++members <= max_members && is_key(member.substr(0, equals)) &&
           is_value(member.substr(std::min(equals + 1, member.size())));
    if (!sane || all.size() + member.size() >= max_state) return sane = false, void();
    all.append(all.empty() ? "" : ",").append(member);
  });
  return sane ? all : std::string{};
}

}  // namespace gateway
