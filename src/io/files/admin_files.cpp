#include "io/files/admin_files.hpp"

#include <grp.h>

#include <array>

#include "core/base/text.hpp"
#include "core/settings/secret_file.hpp"
#include "core/settings/validate.hpp"
#include "io/files/access_files.hpp"
#include "io/files/guarded_file.hpp"

namespace gateway {
namespace {

std::optional<std::uint32_t> find_group(const std::string& name) {
  if (auto const number = parse_decimal(name)) {
    if (*number > 0xffff'fffe) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  }
  ::group entry{};
  ::group* found = nullptr;
  std::array<char, 64 * 1024> room{};
  if (::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return found->gr_gid;
}

}  // namespace

admin_token_file read_admin_tokens(const admin_settings& from) {
  admin_token_file made;
  if (from.token_file.empty()) return made;
  auto const file = read_secret(from.token_file, admin_token_form(from));
  made.why_not = file.why_not;
  if (!made.why_not.empty()) return made;
  auto found = parse_admin_tokens(file.text.reveal());
  if (!found.why_not.empty()) made.why_not = shown(from.token_file) + " " + found.why_not;
  made.users = std::move(found.users);
  return made;
}

std::vector<admin_user> find_admin_users(const admin_settings& from,
                                         const std::function<void(const std::string& key, std::string text)>& report) {
  std::vector<admin_user> all;
  for (std::size_t i = 0; i < from.users.size(); ++i) {
    auto const& one = from.users[i];
    auto const key = "admin.users[" + std::to_string(i) + "].";
    auto const pattern = name_pattern::parse(one.certificate);
    admin_user made{one.name, one.role, std::nullopt,
                    pattern ? *pattern : name_pattern()};  // validation has refused all that are not empty
    if (!one.unix_user.empty()) {
      made.unix_user = find_user(one.unix_user);
      if (!made.unix_user) report(key + "unix_user", in_quotes(one.unix_user) + " is no user of this machine");
    }
    if (!one.unix_group.empty()) {
      made.unix_group = find_group(one.unix_group);
      if (!made.unix_group) report(key + "unix_group", in_quotes(one.unix_group) + " is no group of this machine");
    }
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace gateway
