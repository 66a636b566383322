#include "io/files/access_files.hpp"

#include <pwd.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/auth/credentials.hpp"
#include "core/base/text.hpp"
#include "core/settings/validate.hpp"
#include "io/files/guarded_file.hpp"

namespace gateway {
namespace {

std::optional<std::uint32_t> user_number(const std::string& name) {
  if (auto const number = parse_decimal(name)) {
    if (*number > 0xffff'fffe) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  }
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16 * 1024> room{};
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return found->pw_uid;
}

class reading {
public:
  reading(const credential_settings& from, const fingerprint_key& key) : from_(from), key_(key) {}

  access_look look() {
    access_look seen;
    for (std::size_t i = 0; i < from_.accounts.size(); ++i) seen.accounts.push_back(account(i));
    for (std::size_t i = 0; i < from_.clients.size(); ++i) seen.clients.push_back(client_of(i));
    seen.content = content_;
    return seen;
  }

  access_reading take() {
    access_reading result;
    result.rules.key = key_;
    if (from_.mode != credentials_mode::inject) return result;
    auto const seen = look();
    auto& rules = result.rules.injecting.emplace();
    auto const report = [&](const std::string& text) {
      auto const colon = text.find(": ");
      result.problems.push_back({0, text.substr(0, colon), text.substr(colon + 2)});
    };
    for (std::size_t i = 0; i < seen.accounts.size(); ++i) {
      auto const& one = seen.accounts[i];
      if (one.is != file_state::sound) report(one.why_not);
      rules.accounts.push_back(one.who.value_or(identity{partition{}}));
      rules.account_names.push_back(from_.accounts[i].name);
    }
    for (std::size_t i = 0; i < seen.clients.size(); ++i) {
      auto const& one = seen.clients[i];
      auto const& named = from_.clients[i];
      if (one.is != file_state::sound) report(one.why_not);
      if (!named.unix_user.empty() && !one.unix_user)
        report(key_of(i) + "unix_user: " + in_quotes(named.unix_user) + " is no user of this machine");
      rules.clients.push_back(
          {index_of(named.account), partition_of_client(named.name, key_), one.tokens, named.certificate, one.unix_user, named.name});
    }
    if (!from_.allow_unauthenticated.empty()) rules.guests = index_of(from_.allow_unauthenticated);
    check_tokens(rules, report);
    result.rules.content = seen.content;
    return result;
  }

private:
  static std::string key_of(std::size_t client) { return "credentials.clients[" + std::to_string(client) + "]."; }

  access_look::account account(std::size_t i) {
    auto const& one = from_.accounts[i];
    auto const key = "credentials.accounts[" + std::to_string(i) + "].credential_file: ";
    auto const file = read_guarded(one.credential_file, readable_by_all | writable_by_all);
    note(file.text.reveal());
    if (!file.why_not.empty()) return {state_of(file), key + file.why_not, std::nullopt};
    auto authorization = compose_authorization(file.text.reveal());
    if (authorization.empty()) {
      return {file_state::unusable, key + shown(one.credential_file) + " must hold SID:SECRET or a bearer token, and nothing else",
              std::nullopt};
    }
    return {file_state::sound,
            {},
            identity{partition_of_account(one.name, file.text.reveal(), key_), std::make_shared<const secret>(std::move(authorization))}};
  }

  access_look::client client_of(std::size_t i) {
    auto const& one = from_.clients[i];
    access_look::client seen;
    seen.key = key_of(i) + "token_file";
    if (!one.token_file.empty()) read_tokens(one.token_file, seen);
    if (!one.unix_user.empty()) seen.unix_user = user_number(one.unix_user);
    return seen;
  }

  // A hash does not admit a client, so all users may read it. A user who can write the file could add a token of their own. An empty hash
  // file means that no client has a token.
  void read_tokens(const std::string& path, access_look::client& seen) {
    auto const file = read_guarded(path, writable_by_all);
    note(file.text.reveal());
    if (file.is == file_content::kind::empty) return;
    seen.is = state_of(file);
    seen.why_not = seen.key + ": " + file.why_not;
    if (!file.why_not.empty()) return;
    seen.is = file_state::sound;
    for (auto rest = file.text.reveal(); !rest.empty();) {
      auto const end = std::min(rest.find('\n'), rest.size());
      auto const line = trim_ows(rest.substr(0, end - (end > 0 && rest[end - 1] == '\r' ? 1 : 0)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      auto const hash = parse_token_hash(line);
      if (!hash) {
        seen.is = file_state::unusable;
        seen.why_not += shown(path) + " must hold only lines that summary-gateway --hash-token printed: sha256: and 64 digits";
        seen.tokens.clear();
        return;
      }
      seen.tokens.push_back(*hash);
    }
    seen.why_not.clear();
  }

  static file_state state_of(const file_content& file) {
    return file.is == file_content::kind::missing ? file_state::missing : file_state::unusable;
  }

  // A token that two clients share would identify neither.
  template <class Report>
  void check_tokens(const injection& rules, Report&& report) {
    for (std::size_t i = 0; i < rules.clients.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        for (auto const& mine : rules.clients[i].tokens) {
          if (std::ranges::find(rules.clients[j].tokens, mine) == rules.clients[j].tokens.end()) continue;
          report(key_of(i) + "token_file: holds a token that is also client " + in_quotes(from_.clients[j].name) + "'s");
        }
      }
    }
  }

  // The position of an account; validation has checked that it exists.
  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(from_.accounts, name, &account_settings::name) - from_.accounts.begin());
  }

  void note(std::string_view content) {
    std::string joined{view_of(content_)};
    joined += content;
    content_ = fingerprint(key_, joined);
    sodium_memzero(joined.data(), joined.size());
  }

  const credential_settings& from_;
  const fingerprint_key& key_;
  digest content_{};  // of all files
};

}  // namespace

access_reading read_access(const credential_settings& from, const fingerprint_key& key) { return reading{from, key}.take(); }

access_look look_at_access(const credential_settings& from, const fingerprint_key& key) { return reading{from, key}.look(); }

}  // namespace gateway
