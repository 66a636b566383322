// The credential for the egress proxy, from its file.
// Thread rule: any thread; the file is read at once.
#pragma once

#include <string>

#include "core/base/secret.hpp"

namespace gateway {

struct proxy_credential {
  secret authorization;  // the value of Proxy-Authorization
  std::string why_not;   // not empty: the file cannot be used
};

// `path`: "" for no credential.
proxy_credential read_proxy_credential(const std::string& path);

}  // namespace gateway
