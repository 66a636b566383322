// Who may use the admin listener, and what for: the operators of admin.token_file and admin.users, and which one sent a request.
// Thread rule: values, pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/admin_role.hpp"
#include "core/auth/certificate_names.hpp"
#include "core/auth/client.hpp"
#include "core/auth/token.hpp"

namespace gateway {

// An operator, and what proves it: any single proof is enough.
struct admin_user {
  std::string name;
  admin_role role = admin_role::read;
  std::optional<token_hash> token{};
  name_pattern certificate{};  // of a name in a verified client certificate
  std::optional<std::uint32_t> unix_user{};
  std::optional<std::uint32_t> unix_group{};
};
bool operator==(const admin_user& a, const admin_user& b);

// Who sent a request. The views stay valid as long as the rules.
struct admin_operator {
  std::string_view name;
  admin_role role;
  std::string_view known_by;
};

class admin_rules {
public:
  // Nobody is named: whoever reaches the listener may do everything.
  admin_rules() = default;
  explicit admin_rules(std::vector<admin_user> named) : named_(std::move(named)) {}

  [[nodiscard]] bool name_nobody() const { return named_.empty(); }
  // A token that is known counts first, because it is sent on purpose; then what the connection proves. Nothing: nobody who is known.
  [[nodiscard]] std::optional<admin_operator> who(const client& from, std::string_view authorization) const;
  // For the log, in the order of the settings: "read grafana, operate alice".
  [[nodiscard]] std::string in_words() const;

private:
  std::vector<admin_user> named_;
};

// A line of admin.token_file: ROLE NAME TOKEN, or a single TOKEN, which may do everything. In place of TOKEN, the hash of one.
struct admin_token_line {
  std::optional<admin_role> role;
  std::string_view name;   // "" without a role
  std::string_view token;  // "" if there is only its hash
  token_hash hash{};
};
std::optional<admin_token_line> parse_admin_token(std::string_view line);

// All lines. `why_not`: what is wrong with them together, in words that hold none of it.
struct admin_tokens {
  std::vector<admin_user> users;
  std::string why_not;
};
admin_tokens parse_admin_tokens(std::string_view lines);

// The token that `ctl` sends on behalf of whoever can read the file: the one with the strongest role, the first of them. "": the file has
// only hashes.
std::string_view strongest_token(std::string_view lines);

}  // namespace gateway
