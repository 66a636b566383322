// The operators of the admin listener, from the settings, the file of their tokens and the user database.
// Thread rule: any thread, but no event loop: files are read, and the user database is asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/auth/admin_rules.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// admin.token_file; nothing if it is not set.
struct admin_token_file {
  std::vector<admin_user> users;
  std::string why_not;  // with the file's name; "" if the content can be used
};
admin_token_file read_admin_tokens(const admin_settings& from);

// admin.users, with their numbers. `report`: who is unknown to this machine.
std::vector<admin_user> find_admin_users(const admin_settings& from,
                                         const std::function<void(const std::string& key, std::string text)>& report);

}  // namespace gateway
