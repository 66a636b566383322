// The rules of access (core/auth/authorizer) as settings and the files they name have them at this moment.
// Thread rule: any thread; small files are read at once.
#pragma once

#include <string>
#include <vector>

#include "core/auth/access_in_force.hpp"
#include "core/settings/load.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

struct access_reading {
  access_rules rules;             // without a version; only their `content` means something when there are problems
  std::vector<problem> problems;  // each with its key, none with a line
};

using published_rules = published<access_rules>;

// Of a configuration as a whole: whatever is wrong is a problem.
access_reading read_access(const credential_settings& from, const fingerprint_key& key);

// Of one that is in force, each file by itself.
access_look look_at_access(const credential_settings& from, const fingerprint_key& key);

}  // namespace gateway
