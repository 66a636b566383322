#include "core/settings/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/request/framing.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_unix_path = 107;  // sun_path less its terminator

bool is_address(int family, const std::string& text) {
  if (text.find('\0') != std::string::npos) return false;  // inet_pton would stop at it
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return inet_pton(family, text.c_str(), parsed.data()) == 1;
}

struct host_and_port {
  std::string host;
  std::optional<std::uint16_t> port;
};

// "[::1]:80", "host:80", "host"; nullopt when the brackets or the port are wrong.
std::optional<host_and_port> split_port(std::string_view text) {
  host_and_port split;
  if (text.starts_with('[')) {
    auto const close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    split.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!is_address(AF_INET6, split.host)) return std::nullopt;
  } else {
    auto const colon = std::min(text.find(':'), text.size());
    split.host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  if (text.empty()) return split;
  auto const number = text.front() == ':' ? parse_decimal(text.substr(1)) : std::nullopt;
  if (!number || *number > 65535) return std::nullopt;
  split.port = static_cast<std::uint16_t>(*number);
  return split;
}

// A host that can be connected to, with its port if it has one. One dot may end a name, as in DNS, but not an address.
std::optional<host_and_port> split_host(std::string_view text) {
  if (text.empty() || !is_host(text)) return std::nullopt;
  auto split = split_port(text);
  if (!split || split->host.empty() || split->port == 0) return std::nullopt;
  if (!split->host.ends_with('.')) return split;
  auto const name = split->host.substr(0, split->host.size() - 1);
  if (name.empty() || name.ends_with('.') || is_address(AF_INET, name)) return std::nullopt;
  return split;
}

std::string in_brackets(std::string_view host) {
  std::string text{host};
  return text.find(':') == std::string::npos ? text : "[" + text + "]";
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  return iequals(host, "localhost") || host == "::1" || (host.starts_with("127.") && is_address(AF_INET, std::string{host}));
}

bool endpoint::is_loopback() const { return is_unix() || is_loopback_host(address); }

std::optional<endpoint> parse_endpoint(std::string_view text) {
  endpoint parsed;
  if (text.starts_with("unix:")) {
    parsed.unix_path = text.substr(5);
    if (parsed.unix_path.empty() || parsed.unix_path.front() != '/' || parsed.unix_path.size() > max_unix_path) return std::nullopt;
    return parsed;
  }
  auto split = split_port(text);
  if (!split || !split->port) return std::nullopt;
  if (text.starts_with(':')) split->host = "0.0.0.0";
  if (iequals(split->host, "localhost")) split->host = "127.0.0.1";
  if (!is_address(AF_INET, split->host) && !is_address(AF_INET6, split->host)) return std::nullopt;
  parsed.address = std::move(split->host);
  parsed.port = *split->port;
  return parsed;
}

std::optional<unsigned> parse_mode(std::string_view text) {
  unsigned mode = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  bool const whole = error == std::errc{} && end == text.data() + text.size();
  return whole && mode <= 0777 && text.size() <= 4 ? std::optional{mode} : std::nullopt;
}

std::string why_no_socket_mode(std::string_view text) {
  static constexpr unsigned owner_connects = 0600;
  auto const serves = [](std::optional<std::uint64_t> mode) { return mode && *mode <= 0777 && (*mode & owner_connects) == owner_connects; };
  if (serves(parse_mode(text))) return {};
  std::string why{parse_mode(text) ? "would keep the socket's owner from connecting" : "must be octal permissions such as \"0660\""};
  auto const number = parse_decimal(text);
  if (!serves(number)) return why;
  std::string octal{"0"};
  for (auto const shift : {6, 3, 0}) octal += static_cast<char>('0' + (*number >> shift) % 8);
  return why + "; did you mean \"" + octal + "\"? Helm and other tools write " + octal + " without quotes as " + std::string{text};
}

std::string_view origin::name() const {
  std::string_view name{host};
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string origin::host_field() const {
  auto field = in_brackets(name());
  if (port != (tls ? 443 : 80)) field += ":" + std::to_string(port);
  return field;
}

std::string origin::authority() const { return in_brackets(name()) + ":" + std::to_string(port); }

std::optional<origin> parse_origin(std::string_view url) {
  origin parsed;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    parsed.tls = false;
    parsed.port = 80;
  } else {
    return std::nullopt;
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  auto split = split_host(url);
  if (!split) return std::nullopt;
  parsed.host = std::move(split->host);
  parsed.port = split->port.value_or(parsed.port);
  return parsed;
}

std::optional<origin> parse_authority(std::string_view text) {
  auto split = split_host(text);
  if (!split || !split->port) return std::nullopt;
  origin parsed;
  parsed.host = std::move(split->host);
  parsed.port = *split->port;
  return parsed;
}

}  // namespace gateway
