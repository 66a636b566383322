#pragma once
// Who may ask and what they may see: credentials, accounts and their parents. Decides from the Authorization field alone.
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

enum class credential_state { active, revoked, restricted, suspended };
std::optional<credential_state> parse_credential_state(std::string_view name);

struct account {
  std::string sid;
  std::string parent;         // empty: none
  std::size_t in_flight = 0;  // requests being worked on, those refused for the limit not counted
};

struct identity {
  std::string user;        // what the client called itself, right or wrong: "AC…", "SK…", "bearer" or ""
  account* who = nullptr;  // set only when error_code is 0; valid for the directory's life
  int error_code = 20003;  // 0, or Twilio's code for the refusal
};

class account_directory {
public:
  account_directory();  // with the built-in accounts and credentials

  // `client_of`: whose a bearer token is that the token endpoint has issued.
  using token_lookup = std::function<std::optional<std::string>(std::string_view token)>;
  identity identify(std::optional<std::string_view> authorization, const token_lookup& client_of = {});
  bool is_oauth_client(std::string_view client, std::string_view secret) const;
  bool may_read(const account& viewer, std::string_view owner_sid) const;
  std::string secret_of(std::string_view user) const;  // "" when there is no such user
  void put_credential(std::string_view user, std::string_view secret, std::string_view account_sid, credential_state state);

private:
  struct credential {
    std::string secret;
    std::string account_sid;
    credential_state state;
  };
  account& account_of(std::string_view sid);

  std::map<std::string, account, std::less<>> accounts_;        // a map: addresses stay valid
  std::map<std::string, credential, std::less<>> credentials_;  // by user; bearer tokens by "bearer " + token
};

std::string numbered_sid(std::string_view prefix, unsigned number);  // "AC", 1 → AC00…01
std::optional<std::string> decode_base64(std::string_view text);
bool is_sid(std::string_view text, std::string_view prefix);  // prefix and 32 hex digits

}  // namespace simulator
