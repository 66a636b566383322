#include "core/auth/compact_token.hpp"

#include <sodium.h>

#include <algorithm>

namespace gateway {
namespace {

constexpr std::int64_t latest_date = 9'000'000'000;  // the last one within the range of wall_time, or nonsense

}  // namespace

std::optional<token_parts> split_token(std::string_view token) {
  if (token.size() > max_token_size || std::ranges::count(token, '.') != 2) return std::nullopt;  // defence: token-size
  auto const first = token.find('.');
  auto const last = token.rfind('.');
  if (first == 0 || last == first + 1 || last + 1 == token.size()) return std::nullopt;
  return token_parts{token.substr(0, first), token.substr(first + 1, last - first - 1), token.substr(last + 1), token.substr(0, last)};
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  char const* end = nullptr;
  int const failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                                       &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

std::optional<wall_time> date_in(const json_value& value) {
  auto const seconds = value.whole_number();
  if (!seconds || *seconds < 0 || *seconds > latest_date) return std::nullopt;
  return wall_time{std::chrono::seconds{*seconds}};
}

}  // namespace gateway
