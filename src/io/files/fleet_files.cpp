#include "io/files/fleet_files.hpp"

#include <stdexcept>

#include "core/settings/endpoint.hpp"
#include "io/files/guarded_file.hpp"

namespace gateway {
namespace {

std::string upstream_of(const settings& values) {
  auto const upstream = parse_origin(values.upstream.url);
  return upstream ? std::string{upstream->name()} : std::string{};
}

}  // namespace

std::optional<fleet_keys> read_fleet_keys(const std::string& path, std::string_view upstream, std::string& why_not) {
  auto const file = read_secret(path, secret_form::fleet_keys);
  why_not = file.why_not;
  return why_not.empty() ? fleet_keys::parse(file.text.reveal(), upstream) : std::nullopt;
}

secret read_engine_password(const std::string& path, std::string& why_not) {
  if (path.empty()) return {};
  auto file = read_secret(path, secret_form::engine_password);
  why_not = std::move(file.why_not);
  return std::move(file.text);
}

std::optional<fleet_keys> fleet_keys_of(const settings& values) {
  if (!values.fleet.is_on()) return std::nullopt;
  std::string why_not;
  auto keys = read_fleet_keys(values.fleet.key_file, upstream_of(values), why_not);
  if (!keys) throw std::runtime_error{"fleet.key_file: " + why_not};
  return keys;
}

void check_fleet_files(const settings& values, const std::function<void(const std::string& key, std::string text)>& report) {
  if (!values.fleet.is_on()) return;
  std::string why_not;
  if (!read_fleet_keys(values.fleet.key_file, upstream_of(values), why_not)) report("fleet.key_file", why_not);
  why_not.clear();
  read_engine_password(values.fleet.password_file, why_not);
  if (!why_not.empty()) report("fleet.password_file", why_not);
}

}  // namespace gateway
