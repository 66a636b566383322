#include "io/access_files.hpp"

#include <pwd.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/auth/credentials.hpp"
#include "core/base/text.hpp"
#include "core/settings/validate.hpp"
#include "io/guarded_file.hpp"

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

  access_reading take() {
    result_.rules.key = key_;
    if (from_.mode == credentials_mode::inject) result_.rules.injecting = read();
    return std::move(result_);
  }

private:
  injection read() {
    injection rules;
    for (auto const& one : from_.accounts)
      rules.accounts.push_back(account(one, "credentials.accounts[" + std::to_string(rules.accounts.size()) + "]."));
    for (auto const& one : from_.clients)
      rules.clients.push_back(client_of(one, "credentials.clients[" + std::to_string(rules.clients.size()) + "]."));
    if (!from_.allow_unauthenticated.empty()) rules.guests = index_of(from_.allow_unauthenticated);
    check_tokens(rules);
    return rules;
  }

  identity account(const account_settings& one, const std::string& key) {
    auto const file = read_guarded(one.credential_file, readable_by_all | writable_by_all);
    auto authorization = compose_authorization(file.text.reveal());
    if (!file.why_not.empty()) {
      report(key + "credential_file", file.why_not);
    } else if (authorization.empty()) {
      report(key + "credential_file", shown(one.credential_file) + " must hold SID:SECRET or a bearer token, and nothing else");
    }
    note(file.text.reveal());
    return identity{partition_of_account(one.name, file.text.reveal(), key_), std::make_shared<const secret>(std::move(authorization))};
  }

  known_client client_of(const client_settings& one, const std::string& key) {
    known_client made;
    made.name = one.name;
    made.account = index_of(one.account);
    made.asker = partition_of_client(one.name, key_);
    made.certificate = one.certificate;
    if (!one.token_file.empty()) made.tokens = tokens(one.token_file, key + "token_file");
    if (!one.unix_user.empty()) {
      made.unix_user = user_number(one.unix_user);
      if (!made.unix_user) report(key + "unix_user", quoted(one.unix_user) + " is no user of this machine");
    }
    return made;
  }

  // A hash lets nobody in, so everybody may read it; but whoever can write it can let themselves in.
  std::vector<token_hash> tokens(const std::string& path, const std::string& key) {
    std::vector<token_hash> found;
    auto const file = read_guarded(path, writable_by_all);
    if (!file.why_not.empty()) report(key, file.why_not);
    note(file.text.reveal());
    for (auto rest = file.text.reveal(); !rest.empty();) {
      auto const end = std::min(rest.find('\n'), rest.size());
      auto const line = trim_ows(rest.substr(0, end - (end > 0 && rest[end - 1] == '\r' ? 1 : 0)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      auto const hash = parse_token_hash(line);
      if (!hash) {
        report(key, shown(path) + " must hold only lines that summary-gateway --hash-token printed: sha256: and 64 digits");
        return {};
      }
      found.push_back(*hash);
    }
    return found;
  }

  // A token that two clients share would prove neither.
  void check_tokens(const injection& rules) {
    for (std::size_t i = 0; i < rules.clients.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        for (auto const& mine : rules.clients[i].tokens) {
          if (std::ranges::find(rules.clients[j].tokens, mine) == rules.clients[j].tokens.end()) continue;
          report("credentials.clients[" + std::to_string(i) + "].token_file",
                 "holds a token that is also client " + quoted(from_.clients[j].name) + "'s");
        }
      }
    }
  }

  // Of an account that validation has found to exist.
  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(from_.accounts, name, &account_settings::name) - from_.accounts.begin());
  }

  void note(std::string_view content) {
    std::string joined{reinterpret_cast<const char*>(result_.rules.content.data()), result_.rules.content.size()};
    joined += content;
    result_.rules.content = fingerprint(key_, joined);
    sodium_memzero(joined.data(), joined.size());
  }

  void report(std::string key, std::string text) { result_.problems.push_back({0, std::move(key), std::move(text)}); }

  const credential_settings& from_;
  const fingerprint_key& key_;
  access_reading result_;
};

}  // namespace

access_reading read_access(const credential_settings& from, const fingerprint_key& key) { return reading{from, key}.take(); }

}  // namespace gateway
