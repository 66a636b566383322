// The current access rules (core/auth/authorizer), from the settings and the files that they name.
// Thread rule: any thread, but no event loop: files are read, and the user database is asked.
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
access_reading read_access(const credential_settings& from, const upstream_keys& keys);

// The file with the secret of an account.
const std::string& secret_file_of(const account_settings& one);

// The parts of that, for access_looker. `content` becomes a digest of the file.
access_look::account read_account(const credential_settings& from, std::size_t i, const upstream_keys& keys, digest& content);
// Its tokens; not its user.
access_look::client read_client(const credential_settings& from, std::size_t i, const fingerprint_key& key, digest& content);
std::optional<std::uint32_t> find_user(const std::string& name);
// Makes one digest of many.
void add_content(digest& all, const digest& one, const fingerprint_key& key);

}  // namespace gateway
