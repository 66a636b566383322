// The rules of access (core/auth/authorizer) as settings and the files they name have them at this moment.
// Thread rule: any thread; small files are read at once.
#pragma once

#include <string>
#include <vector>

#include "core/auth/authorizer.hpp"
#include "core/settings/load.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

struct access_reading {
  access_rules rules;             // without a version; only their `content` means something when there are problems
  std::vector<problem> problems;  // each with its key, none with a line
};

using published_rules = published<access_rules>;

access_reading read_access(const credential_settings& from, const fingerprint_key& key);

}  // namespace gateway
