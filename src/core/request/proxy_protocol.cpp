#include "core/request/proxy_protocol.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using state = proxy_header::state;

constexpr std::string_view v1_start = "PROXY ";
constexpr std::size_t v1_longest = 107;
constexpr std::string_view v2_start{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t v2_fixed = 16;  // bytes before the addresses
constexpr std::size_t tlv_head = 3;
constexpr std::uint8_t checksum_type = 3;  // PP2_TYPE_CRC32C

proxy_header refused(proxy_fault why) { return {state::refused, 0, std::nullopt, why}; }
proxy_header complete(std::size_t size, std::optional<ip_address> source = std::nullopt) { return {state::complete, size, source}; }

std::uint8_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }
std::size_t number_at(std::string_view bytes, std::size_t i) { return std::size_t{byte_at(bytes, i)} << 8 | byte_at(bytes, i + 1); }

bool begins_alike(std::string_view a, std::string_view b) {
  auto const both = std::min(a.size(), b.size());
  return a.substr(0, both) == b.substr(0, both);
}

bool is_port(std::string_view text) {
  auto const number = text.size() <= 5 ? parse_decimal(text) : std::nullopt;
  return number && *number <= 65535;
}

// "TCP4 SOURCE DESTINATION PORT PORT": the rest of the line after "PROXY "; each space exactly one.
proxy_header read_v1_words(std::string_view line, std::size_t size) {
  std::array<std::string_view, 5> words;
  for (auto& word : words) {
    auto const space = line.find(' ');
    word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    bool const last = &word == &words.back();
    if (word.empty() || (space == std::string_view::npos) != last) return refused(proxy_fault::malformed);
  }
  auto const& [family, source, destination, source_port, destination_port] = words;
  bool const is_ipv6 = family == "TCP6";
  if (!is_ipv6 && family != "TCP4") return refused(proxy_fault::malformed);
  auto const has_its_form = [&](std::string_view address) { return (address.find(':') != std::string_view::npos) == is_ipv6; };
  auto const from = ip_address::parse(source);
  bool const sound = from && ip_address::parse(destination) && has_its_form(source) && has_its_form(destination) && is_port(source_port) &&
                     is_port(destination_port);
  return sound ? complete(size, from) : refused(proxy_fault::malformed);
}

proxy_header read_v1(std::string_view bytes) {
  auto const newline = bytes.substr(0, v1_longest).find('\n');
  if (newline == std::string_view::npos) return bytes.size() < v1_longest ? proxy_header{} : refused(proxy_fault::too_long);
  if (bytes[newline - 1] != '\r') return refused(proxy_fault::malformed);
  auto const line = bytes.substr(v1_start.size(), newline - 1 - v1_start.size());
  // The specification says to ignore the rest of such a line.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return complete(newline + 1);
  return read_v1_words(line, newline + 1);
}

// CRC-32C (Castagnoli) of the header, with its own four bytes as zero.
std::uint32_t checksum_of(std::string_view header, std::size_t own) {
  std::uint32_t rest = ~std::uint32_t{0};
  for (std::size_t i = 0; i < header.size(); ++i) {
    rest ^= i >= own && i < own + 4 ? 0 : byte_at(header, i);
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ ((rest & 1) != 0 ? 0x82f63b78U : 0);
  }
  return ~rest;
}

// Type, length, value, to the last byte of the header. Only a checksum is checked, and only one, since its cost grows with the header.
bool are_sound_extensions(std::string_view header, std::size_t at) {
  bool checked = false;
  while (at < header.size()) {
    if (header.size() - at < tlv_head) return false;
    auto const type = byte_at(header, at);
    auto const size = number_at(header, at + 1);
    at += tlv_head;
    if (header.size() - at < size) return false;  // defence: proxy-extension
    if (type == checksum_type) {
      bool const right = !checked && size == 4 && checksum_of(header, at) == (number_at(header, at) << 16 | number_at(header, at + 2));
      if (!right) return false;  // defence: proxy-checksum
      checked = true;
    }
    at += size;
  }
  return true;
}

proxy_header read_v2(std::string_view bytes) {
  enum command : std::uint8_t { local = 0x20, proxied = 0x21 };
  enum family : std::uint8_t { unspecified = 0, ipv4 = 1, ipv6 = 2, unix_path = 3 };
  if (bytes.size() < v2_fixed) return {};
  auto const what = byte_at(bytes, 12);
  auto const how = byte_at(bytes, 13);
  auto const size = v2_fixed + number_at(bytes, 14);
  if (what != local && what != proxied) return refused(proxy_fault::malformed);
  if (size > max_proxy_header) return refused(proxy_fault::too_long);  // defence: proxy-header-size
  if (bytes.size() < size) return {};
  auto const header = bytes.substr(0, size);
  if (what == local) return complete(size);  // the proxy's own connection: the rest must be skipped
  auto const spoken = how >> 4;
  if (spoken == unspecified && (how & 0x0f) <= 2) return complete(size);
  // Streams or datagrams (the latter for HTTP/3).
  bool const known = spoken <= unix_path && ((how & 0x0f) == 1 || (how & 0x0f) == 2);
  std::size_t const addresses = spoken == ipv4 ? 12 : spoken == ipv6 ? 36 : 216;
  if (!known || header.size() - v2_fixed < addresses) return refused(proxy_fault::malformed);
  if (!are_sound_extensions(header, v2_fixed + addresses)) return refused(proxy_fault::malformed);
  if (spoken == unix_path) return complete(size);
  if (spoken == ipv4) {
    std::array<std::uint8_t, 4> four{};
    std::copy_n(header.begin() + v2_fixed, four.size(), four.begin());
    return complete(size, ip_address::ipv4(four));
  }
  ip_address six;
  std::copy_n(header.begin() + v2_fixed, six.bytes.size(), six.bytes.begin());
  return complete(size, six);
}

}  // namespace

proxy_header read_proxy_header(std::string_view bytes) {
  if (bytes.size() >= v2_start.size() && bytes.starts_with(v2_start)) return read_v2(bytes);
  if (bytes.size() >= v1_start.size() && bytes.starts_with(v1_start)) return read_v1(bytes);
  bool const may_become_one = begins_alike(bytes, v1_start) || begins_alike(bytes, v2_start);
  return may_become_one ? proxy_header{} : refused(proxy_fault::missing);
}

}  // namespace gateway
