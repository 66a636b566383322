#include "core/fleet/told_event.hpp"

#include <array>
#include <charconv>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view none = "-";
constexpr std::size_t words = 5;

template <class Number>
std::optional<Number> number_in(std::string_view word, int base) {
  Number value{};
  auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  bool const is_whole = error == std::errc{} && end == word.data() + word.size();
  return is_whole ? std::optional{value} : std::nullopt;
}

std::optional<wall_time> time_in(std::string_view word) {
  auto const count = number_in<wall_time::rep>(word, 10);
  return count ? std::optional{wall_time{wall_time::duration{*count}}} : std::nullopt;
}

std::optional<std::array<std::string_view, words>> split(std::string_view text) {
  std::array<std::string_view, words> made;
  for (auto& word : made) {
    word = text.substr(0, text.find(' '));
    bool const is_last = &word == &made.back();
    if (word.empty() || is_last != (word.size() == text.size())) return std::nullopt;
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return made;
}

}  // namespace

std::string text_of(const told_event& one) {
  std::string text;
  append_hex(text, one.number);
  text.append(" ").append(std::to_string(static_cast<unsigned>(one.what.kind))).append(" ");
  append_number(text, one.what.time.time_since_epoch().count());
  text.append(" ").append(one.what.call.view()).append(" ");
  return text.append(one.what.account ? one.what.account->view() : none);
}

std::optional<told_event> parse_told_event(std::string_view text) {
  auto const parts = split(text);
  if (!parts) return std::nullopt;
  auto const& [number, kind, time, call, account] = *parts;
  auto const read_number = number_in<std::uint64_t>(number, 16);
  auto const read_kind = number_in<unsigned>(kind, 10);
  auto const read_call = call_sid::parse(call);
  auto const read_account = account_sid::parse(account);
  auto const read_time = time_in(time);
  bool const is_whole = read_number && read_kind && *read_kind <= static_cast<unsigned>(event_kind::complete) && read_call && read_time &&
                        (read_account || account == none);
  if (!is_whole) return std::nullopt;
  return told_event{*read_number, {static_cast<event_kind>(*read_kind), *read_call, read_account, *read_time}};
}

}  // namespace gateway
