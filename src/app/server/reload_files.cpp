#include "app/server/reload_files.hpp"

#include <stdexcept>

namespace gateway {

void reload_files::work() {
  next = read_settings(path, reading_time::reload);
  if (!next.problems.empty()) return;
  auto const& values = next.values;
  listeners = data_listeners::read(values.listeners);
  access = read_access(values.credentials, key);
  if (!values.admin.token_file.empty()) token = read_guarded(values.admin.token_file, 0);
  authorities = content_of_file(values.upstream.ca_file);
  if (authorities == authorities_now && values.upstream.ca_file == ca_file_now) return;
  try {
    tls = std::make_shared<client_tls>(upstream, values.upstream.ca_file);
  } catch (const std::runtime_error& error) {
    why_not = error.what();
  }
}

}  // namespace gateway
