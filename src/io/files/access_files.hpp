// The current access rules (core/auth/authorizer), from the settings and the files that they name.
// Thread rule: any thread; small files are read at once.
#pragma once

#include <string>
#include <vector>

#include "core/auth/access_in_force.hpp"
#include "core/settings/load.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

struct access_reading {
  access_rules rules;             // without a version; with problems, only their `content` is meaningful
  std::vector<problem> problems;  // each with its key, none with a line
};

using published_rules = published<access_rules>;

// Reads a whole configuration: every fault in it is a problem.
access_reading read_access(const credential_settings& from, const fingerprint_key& key);

// Reads the files of the configuration in force, each on its own.
access_look look_at_access(const credential_settings& from, const fingerprint_key& key);

}  // namespace gateway
