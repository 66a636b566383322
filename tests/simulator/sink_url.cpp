#include "sink_url.hpp"

#include <charconv>

namespace simulator {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port <= 65535;
}

}  // namespace

std::optional<sink_url> sink_url::parse(std::string_view url) {
  sink_url parsed;
  parsed.tls = url.starts_with("https://");
  if (!parsed.tls && !url.starts_with("http://")) return {};
  url.remove_prefix(url.find("//") + 2);
  const auto end = url.find_first_of("/?");
  const std::string_view authority = url.substr(0, end);
  parsed.authority = authority;
  parsed.target = end == std::string_view::npos ? std::string{"/"} : std::string{url.substr(end)};
  if (parsed.target.front() == '?') parsed.target.insert(0, "/");

  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parsed.host = authority.substr(0, colon);
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  parsed.port = colon == std::string_view::npos ? (parsed.tls ? "443" : "80") : authority.substr(colon + 1);
  if (parsed.host.empty() || !is_port(parsed.port) || url.find_first_of(" \r\n#@") != std::string_view::npos) return {};
  return parsed;
}

std::string sink_url::with_port() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" + port + target;
}

}  // namespace simulator
