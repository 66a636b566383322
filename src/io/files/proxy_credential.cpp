#include "io/files/proxy_credential.hpp"

#include "core/auth/credentials.hpp"
#include "io/files/guarded_file.hpp"

namespace gateway {

proxy_credential read_proxy_credential(const std::string& path) {
  proxy_credential found;
  if (path.empty()) return found;
  auto file = read_secret(path, secret_form::proxy_credential);
  found.why_not = std::move(file.why_not);
  if (found.why_not.empty()) found.authorization = compose_proxy_authorization(file.text.reveal());
  return found;
}

}  // namespace gateway
