#include "app/server/reload_files.hpp"

#include <stdexcept>

#include "core/settings/upstreams.hpp"

namespace gateway {

void reload_files::work() {
  next = read_settings(from, reading_time::reload);
  if (!next.problems.empty()) return;
  auto const& values = next.values;
  listeners = data_listeners::read(values.listeners);
  access = read_access(values.credentials, keys);
  admin_tokens = read_admin_tokens(values.admin);
  operators =
      find_admin_users(values.admin, [this](const std::string& key, const std::string& text) { unknown.push_back(key + ": " + text); });
  for (auto& one : upstreams) {
    auto const& wanted = upstream_named(values, one.name);
    one.egress = read_proxy_credential(wanted.proxy_credential_file);
    try {
      auto made = std::make_shared<client_tls>(one.where, wanted.ca_file);
      if (made->authorities() == one.authorities) continue;
      one.authorities = made->authorities();
      one.tls = std::move(made);  // defence: trust-rebuilt
    } catch (const std::runtime_error& error) {
      one.why_not = error.what();
    }
  }
  try {
    tokens = read_token_trust(values);
  } catch (const std::runtime_error& error) {
    why_not = error.what();
  }
}

}  // namespace gateway
