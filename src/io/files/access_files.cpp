#include "io/files/access_files.hpp"

#include <pwd.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "core/auth/credentials.hpp"
#include "core/auth/token_holders.hpp"
#include "core/base/text.hpp"
#include "core/settings/validate.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/issuer_keys.hpp"

namespace gateway {
namespace {

std::string key_of(std::size_t client) { return "credentials.clients[" + std::to_string(client) + "]."; }

file_state state_of(const file_content& file) {
  return file.is == file_content::kind::missing ? file_state::missing : file_state::unusable;
}

// An empty file means that no client has a token.
void read_tokens(const std::string& path, const fingerprint_key& key, access_look::client& seen, digest& content) {
  auto const file = read_secret(path, secret_form::client_tokens);
  content = fingerprint(key, file.text.reveal());
  if (file.is == file_content::kind::empty) return;
  if (!file.why_not.empty()) {
    seen.is = state_of(file);
    seen.why_not = seen.key + ": " + file.why_not;
    return;
  }
  for (auto rest = file.text.reveal(); !rest.empty();) {
    auto const line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    seen.tokens.push_back(*parse_token_hash(line));
  }
}

// A token that two clients share would identify neither.
template <class Report>
void check_tokens(const injection& rules, const credential_settings& from, Report&& report) {
  token_holders holders;
  for (std::size_t i = 0; i < rules.clients.size(); ++i) holders.add(i, rules.clients[i].tokens);
  for (std::size_t i = 0; i < rules.clients.size(); ++i) {
    for (auto const& mine : rules.clients[i].tokens) {
      auto const other = holders.other_than(i, mine);
      if (!other || *other > i) continue;
      report(key_of(i) + "token_file: holds a token that is also client " + in_quotes(from.clients[*other].name) + "'s");
    }
  }
}

// The position of an account; validation has checked that it exists.
std::size_t index_of(const credential_settings& from, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(from.accounts, name, &account_settings::name) - from.accounts.begin());
}

std::shared_ptr<const client_rights> rights_of(const client_settings& one) {
  std::vector<account_sid> subaccounts;
  for (auto const& text : one.subaccounts) {
    if (auto const sid = account_sid::parse(text)) subaccounts.push_back(*sid);  // validation has refused all others
  }
  return std::make_shared<const client_rights>(one.may, one.methods, std::move(subaccounts));
}

// The accounts of which a client has a share of its own: each of their clients is compared with it as a whole.
std::set<std::string_view> accounts_with_shares(const credential_settings& from) {
  std::set<std::string_view> some;
  for (auto const& one : from.clients) {
    if (one.share != client_share{}) some.insert(one.account);
  }
  return some;
}

name_pattern pattern_of(const client_settings& one) {
  auto const made = name_pattern::parse(one.certificate);
  return made ? *made : name_pattern();  // validation has refused all that are not empty
}

access_look::account read_oauth(const account_settings& one, const std::string& setting, const upstream_keys& keys, digest& content) {
  auto const file = read_secret(one.oauth.client_secret_file, secret_form::oauth_secret);
  content = fingerprint(keys.plain(), file.text.reveal());
  if (!file.why_not.empty()) return {state_of(file), setting + "oauth.client_secret_file: " + file.why_not, std::nullopt};
  auto const owner = partition_of_oauth_account(one.name, one.oauth.client_id, keys.of(one.upstream));  // defence: oauth-partition
  identity who{owner, std::make_shared<const secret>()};
  who.at = one.upstream;
  who.oauth = std::make_shared<const oauth_client>(oauth_client{one.oauth.client_id, one.oauth.token_url, file.text});
  return {file_state::sound, {}, std::move(who)};
}

}  // namespace

std::optional<std::uint32_t> find_user(const std::string& name) {
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

const std::string& secret_file_of(const account_settings& one) {
  return one.oauth.is_on() ? one.oauth.client_secret_file : one.credential_file;
}

access_look::account read_account(const credential_settings& from, std::size_t i, const upstream_keys& keys, digest& content) {
  auto const& one = from.accounts[i];
  auto const row = "credentials.accounts[" + std::to_string(i) + "].";
  if (one.oauth.is_on()) return read_oauth(one, row, keys, content);
  auto const setting = row + "credential_file: ";
  auto const file = read_secret(one.credential_file, secret_form::account_credential);
  content = fingerprint(keys.plain(), file.text.reveal());
  if (!file.why_not.empty()) return {state_of(file), setting + file.why_not, std::nullopt};
  auto authorization = std::make_shared<const secret>(compose_authorization(file.text.reveal()));
  auto const owner = partition_of_account(one.name, file.text.reveal(), keys.of(one.upstream));  // defence: account-partition
  identity who{owner, std::move(authorization)};
  who.at = one.upstream;
  return {file_state::sound, {}, std::move(who)};
}

access_look::client read_client(const credential_settings& from, std::size_t i, const fingerprint_key& key, digest& content) {
  access_look::client seen;
  seen.key = key_of(i) + "token_file";
  content = {};
  if (!from.clients[i].token_file.empty()) read_tokens(from.clients[i].token_file, key, seen, content);
  return seen;
}

void add_content(digest& all, const digest& one, const fingerprint_key& key) {
  std::string joined{view_of(all)};
  joined.append(view_of(one));
  all = fingerprint(key, joined);
}

access_reading read_access(const credential_settings& from, const upstream_keys& keys) {
  auto const& key = keys.plain();
  access_reading result;
  result.rules.key = key;
  if (from.mode != credentials_mode::inject) return result;
  auto& rules = result.rules.injecting.emplace();
  auto const report = [&](const std::string& text) {
    auto const colon = text.find(": ");
    result.problems.push_back({0, text.substr(0, colon), text.substr(colon + 2)});
  };
  digest content{};
  for (std::size_t i = 0; i < from.accounts.size(); ++i) {
    auto const one = read_account(from, i, keys, content);
    add_content(result.rules.content, content, key);
    if (one.is != file_state::sound) report(one.why_not);
    rules.accounts.push_back(one.who.value_or(identity{partition{}}));
    rules.account_names.push_back(from.accounts[i].name);
  }
  auto const with_shares = accounts_with_shares(from);
  for (std::size_t i = 0; i < from.clients.size(); ++i) {
    auto const& named = from.clients[i];
    auto const one = read_client(from, i, key, content);
    add_content(result.rules.content, content, key);
    if (one.is != file_state::sound) report(one.why_not);
    auto const user = named.unix_user.empty() ? std::nullopt : find_user(named.unix_user);
    if (!named.unix_user.empty() && !user) report(key_of(i) + "unix_user: " + in_quotes(named.unix_user) + " is no user of this machine");
    rules.clients.push_back({index_of(from, named.account), partition_of_client(named.name, key), one.tokens, pattern_of(named), user,
                             named.name, rights_of(named), named.subject, named.share, with_shares.contains(named.account)});
  }
  if (from.jwt.is_on()) {
    auto issuer = read_issuer(from.jwt, key);
    add_content(result.rules.content, issuer.content, key);
    if (issuer.is != file_state::sound) report(issuer.why_not);
    rules.jwt = std::make_shared<const jwt_rules>(
        jwt_rules{from.jwt.issuer, from.jwt.audience, from.jwt.clock_skew, std::move(issuer.keys), issuer.content});
  }
  if (!from.allow_unauthenticated.empty()) rules.guests = index_of(from, from.allow_unauthenticated);
  check_tokens(rules, from, report);
  return result;
}

}  // namespace gateway
