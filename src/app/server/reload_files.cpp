#include "app/server/reload_files.hpp"

#include <stdexcept>

namespace gateway {

void reload_files::work() {
  next = read_settings(path, reading_time::reload);
  if (!next.problems.empty()) return;
  auto const& values = next.values;
  listeners = data_listeners::read(values.listeners);
  access = read_access(values.credentials, key);
  if (!values.admin.token_file.empty()) token = read_secret(values.admin.token_file, admin_token_form(values.admin));
  egress = read_proxy_credential(values.upstream.proxy_credential_file);
  try {
    auto made = std::make_shared<client_tls>(upstream, values.upstream.ca_file);
    authorities = made->authorities();
    tokens = read_token_trust(values);
    if (authorities != authorities_now) tls = std::move(made);  // defence: trust-rebuilt
  } catch (const std::runtime_error& error) {
    why_not = error.what();
  }
}

}  // namespace gateway
