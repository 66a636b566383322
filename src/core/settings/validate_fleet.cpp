#include "core/settings/validate_fleet.hpp"

#include <utility>

#include "core/base/text.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_namespace = 64;

bool is_namespace(std::string_view text) {
  static constexpr char_set is_one{"-._", is_alnum};
  return !text.empty() && text.size() <= max_namespace && is_one.holds_all(text);
}

engine_address address_of(const origin& where, bool tls) {
  engine_address made;
  made.tls = tls;
  made.host = where.host;
  made.port = where.port;
  return made;
}

std::optional<engine_address> parse_host(std::string_view host, bool tls) {
  if (host.ends_with('/')) host.remove_suffix(1);
  auto parsed = parse_authority(host);
  if (!parsed) parsed = parse_authority(std::string{host} + ":" + std::to_string(engine_address::usual_port));
  return parsed ? std::optional{address_of(*parsed, tls)} : std::nullopt;
}

// No text of the setting is repeated: it may contain a password.
std::string why_no_engine(std::string_view url) {
  if (url.find('@') != std::string_view::npos) return "must hold no credential; fleet.user and fleet.password_file are for it";
  return "must be redis://HOST:PORT, rediss://HOST:PORT or unix:/PATH, without database number or query";
}

}  // namespace

std::optional<engine_address> parse_engine_url(std::string_view url) {
  constexpr std::string_view plain = "redis://", secured = "rediss://";
  if (url.starts_with(plain)) return parse_host(url.substr(plain.size()), false);
  if (url.starts_with(secured)) return parse_host(url.substr(secured.size()), true);
  auto const local = url.starts_with("unix:") ? parse_endpoint(url) : std::nullopt;
  if (!local) return std::nullopt;
  engine_address made;
  made.unix_path = local->unix_path;
  return made;
}

std::vector<engine_address> sentinels_of(const sentinel_settings& s) {
  std::vector<engine_address> all;
  for (auto const& one : s.addresses) {
    if (auto const where = parse_authority(one)) all.push_back(address_of(*where, s.tls));
  }
  return all;
}

void validate_fleet(const fleet_settings& s, const std::function<void(const std::string& key, std::string text)>& report) {
  if (!s.is_on()) {
    for (auto const& [name, value] :
         {std::pair{"fleet.user", s.user}, std::pair{"fleet.password_file", s.password_file}, std::pair{"fleet.key_file", s.key_file}}) {
      if (!value.empty()) report(name, "is for a fleet: fleet.url or fleet.sentinel.name must be set");
    }
    return;
  }
  if (s.sentinel.name.empty()) {
    if (!parse_engine_url(s.url)) report("fleet.url", why_no_engine(s.url));
  } else {
    if (!s.url.empty()) report("fleet.url", "must be empty when fleet.sentinel.name is set: the Sentinels say where the engine is");
    if (s.sentinel.addresses.empty()) report("fleet.sentinel.addresses", "is missing; it holds the Sentinels, each as HOST:PORT");
    for (auto const& one : s.sentinel.addresses) {
      if (!parse_authority(one)) report("fleet.sentinel.addresses", "must hold HOST:PORT, not " + in_quotes(one));
    }
  }
  if (s.key_file.empty()) report("fleet.key_file", "is missing; openssl rand -hex 32 makes a key, which all gateways of the fleet need");
  if (!s.user.empty() && s.password_file.empty()) report("fleet.user", "needs fleet.password_file");
  if (!is_namespace(s.name_space))
    report("fleet.namespace", "must be up to 64 letters, digits, '-', '.' or '_', not " + in_quotes(s.name_space));
}

}  // namespace gateway
