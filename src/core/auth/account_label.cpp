#include "core/auth/account_label.hpp"

#include <algorithm>

#include "core/auth/scopes.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t shown_digits = 8;

}  // namespace

std::string account_label(const access_rules& rules, const short_hash_key& key, std::uint64_t scope) {
  for (std::size_t i = 0; rules.injecting && i < rules.injecting->accounts.size(); ++i) {
    if (account_scope(rules.injecting->accounts[i], key) == scope) return rules.injecting->account_names[i];
  }
  std::string hash;
  append_hex(hash, scope);
  return hash.substr(0, shown_digits);
}

std::string account_label(const access_rules& rules, const short_hash_key& key, const account_sid& account) {
  auto const named = accounts_for(rules, account);
  return account_label(rules, key, named.empty() ? short_hash(key, account.view()) : account_scope(named.front(), key));
}

std::optional<called_account> account_called(const access_rules& rules, const short_hash_key& key, std::string_view text,
                                             const std::vector<std::uint64_t>& known) {
  auto const ours = [&](const identity& one) { return called_account{account_scope(one, key), one.at}; };
  for (std::size_t i = 0; rules.injecting && i < rules.injecting->accounts.size(); ++i) {
    if (rules.injecting->account_names[i] == text) return ours(rules.injecting->accounts[i]);
  }
  if (auto const sid = account_sid::parse(text)) {
    if (!rules.injecting) return called_account{short_hash(key, sid->view())};
    auto const named = accounts_for(rules, *sid);
    return named.empty() ? std::nullopt : std::optional{ours(named.front())};
  }
  auto const shown = std::ranges::find_if(known, [&](std::uint64_t scope) { return account_label(rules, key, scope) == text; });
  return shown == known.end() ? std::nullopt : std::optional{called_account{*shown}};
}

}  // namespace gateway
