#include "core/base/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t mapped_bytes = 12;
constexpr std::array<std::uint8_t, mapped_bytes> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned mapped_bits = 8 * mapped_bytes;
constexpr char_set is_obfuscated_char{"._-", is_alnum};  // RFC 7239 §6.3

// inet_pton needs a terminating zero and would stop at the first one.
template <class Bytes>
bool read(int family, std::string_view text, Bytes& into) {
  std::array<char, INET6_ADDRSTRLEN> ended{};
  if (text.size() >= ended.size() || text.find('\0') != std::string_view::npos) return false;
  std::ranges::copy(text, ended.begin());
  return inet_pton(family, ended.data(), into.data()) == 1;
}

bool is_port(std::string_view text) {
  if (text.starts_with('_')) return text.size() > 1 && is_obfuscated_char.holds_all(text.substr(1));
  auto const number = text.size() <= 5 ? parse_decimal(text) : std::nullopt;
  return number && *number <= 65535;
}

// The same address with zeros after the prefix.
ip_address start_of(ip_address one, unsigned prefix) {
  for (unsigned bit = prefix; bit < 128; ++bit) one.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  return one;
}

std::string text_of(const ip_address& one) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  bool const short_form = one.is_ipv4();
  inet_ntop(short_form ? AF_INET : AF_INET6, one.bytes.data() + (short_form ? mapped_bytes : 0), text.data(), text.size());
  return text.data();
}

}  // namespace

bool ip_address::is_ipv4() const { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()); }

bool ip_address::is_loopback() const {
  static constexpr ip_address six{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return *this == six || (is_ipv4() && bytes[mapped_bytes] == 127);
}

ip_address ip_address::ipv4(const std::array<std::uint8_t, 4>& bytes) {
  ip_address one;
  std::ranges::copy(mapped_prefix, one.bytes.begin());
  std::ranges::copy(bytes, one.bytes.begin() + mapped_bytes);
  return one;
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
  if (std::array<std::uint8_t, 4> four{}; read(AF_INET, text, four)) return ipv4(four);
  if (ip_address six; read(AF_INET6, text, six.bytes)) return six;
  return std::nullopt;
}

std::optional<ip_address> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    auto const close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    auto const rest = text.substr(close + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    auto const inside = text.substr(1, close - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : ip_address::parse(inside);
  }
  auto const colon = text.find(':');
  bool const has_port = colon != std::string_view::npos && colon == text.rfind(':');  // a second one: IPv6
  if (!has_port) return ip_address::parse(text);
  return is_port(text.substr(colon + 1)) ? ip_address::parse(text.substr(0, colon)) : std::nullopt;
}

bool address_range::contains(const ip_address& one) const {
  bool const is_range_of_ipv4 = first.is_ipv4() && prefix >= mapped_bits;
  if (is_range_of_ipv4 != one.is_ipv4()) return false;
  auto const whole = prefix / 8;
  if (!std::equal(one.bytes.begin(), one.bytes.begin() + whole, first.bytes.begin())) return false;
  return prefix % 8 == 0 || (one.bytes[whole] ^ first.bytes[whole]) >> (8 - prefix % 8) == 0;
}

std::optional<address_range> address_range::parse(std::string_view text, std::string& why_not) {
  auto const slash = text.find('/');
  auto const address = ip_address::parse(text.substr(0, slash));
  if (!address) {
    why_not = "must be an address or a range such as 10.0.0.0/8 or 2001:db8::/32";
    return std::nullopt;
  }
  bool const as_ipv4 = text.find(':') == std::string_view::npos;
  address_range made{*address};
  if (slash != std::string_view::npos) {
    auto const bits = parse_decimal(text.substr(slash + 1));
    if (!bits || *bits > (as_ipv4 ? 32 : 128)) {
      why_not = as_ipv4 ? "must have a prefix from /0 to /32" : "must have a prefix from /0 to /128";
      return std::nullopt;
    }
    made.prefix = static_cast<unsigned>(*bits) + (as_ipv4 ? mapped_bits : 0);
  }
  made.first = start_of(*address, made.prefix);
  if (made.first == *address) return made;
  // Either the address or the prefix is a mistake, and a trust setting must not be guessed.
  why_not = "has digits behind its prefix: write " + text_of(made.first) + std::string{text.substr(slash)} + ", or the address alone";
  return std::nullopt;
}

}  // namespace gateway
