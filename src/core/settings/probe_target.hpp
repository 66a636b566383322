// The target of --probe: an address of the admin listener, and a path.
// Thread rule: pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/settings/endpoint.hpp"

namespace gateway {

struct probe_target {
  endpoint where;
  std::string path;
};

// http://ADDRESS:PORT[/PATH] or unix:/SOCKET[:/PATH]. The default path is /readyz. The only name is localhost, because no name is resolved.
std::optional<probe_target> parse_probe_target(std::string_view url);

}  // namespace gateway
