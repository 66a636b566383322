#include "core/auth/access_in_force.hpp"

#include <algorithm>
#include <utility>

#include "core/auth/token_holders.hpp"

namespace gateway {
access_in_force::access_in_force(const access_rules& rules) : rules_(rules) {
  if (!rules_.injecting) return;
  accounts_.resize(rules_.injecting->accounts.size());
  for (auto const& one : rules_.injecting->clients) clients_.push_back({file_state::sound, {}, one.tokens});
}

access_in_force::outcome access_in_force::look(const access_look& seen) {
  outcome came;
  if (!rules_.injecting) return came;
  rules_.content = seen.content;
  auto& all = *rules_.injecting;
  for (std::size_t i = 0; i < accounts_.size(); ++i) came.changed |= look_at(seen.accounts[i], accounts_[i], all.accounts[i], came);
  // defence: each-access-file
  for (std::size_t i = 0; i < clients_.size(); ++i) came.changed |= look_at(seen.clients[i], clients_[i], all.clients[i], came);
  if (all.jwt != nullptr) came.changed |= look_at(seen.jwt, came);
  came.changed |= give_tokens(seen, came);
  return came;
}

std::size_t access_in_force::unusable() const {
  auto const is_broken = [](const memory& one) { return one.was != file_state::sound; };
  auto const files = std::ranges::count_if(accounts_, is_broken) + std::ranges::count_if(clients_, is_broken);
  return static_cast<std::size_t>(files) + (is_broken(issuer_) ? 1 : 0);
}

// True if the file was broken and now is sound.
bool access_in_force::note(memory& file, file_state is, const std::string& why_not, std::string_view consequence, outcome& came) {
  if (is != file_state::sound && file.logged != why_not) {
    came.warnings.push_back(std::string{why_not}.append("; ").append(consequence));
    ++came.failures;
  }
  file.logged = why_not;
  return std::exchange(file.was, is) != file_state::sound && is == file_state::sound;
}

bool access_in_force::look_at(const access_look::account& seen, memory& file, identity& in_force, outcome& came) {
  bool changed = note(file, seen.is, seen.why_not, "the one read before stays in force", came);
  if (seen.is == file_state::sound && !seen.who->has_credential_of(in_force)) {
    in_force = *seen.who;
    changed = true;
  }
  return changed;
}

bool access_in_force::look_at(const access_look::client& seen, memory& file, known_client& in_force, outcome& came) {
  bool const missed_before = file.was == file_state::missing;
  bool changed = note(file, seen.is, seen.why_not,
                      seen.is == file_state::missing ? "the tokens read before end if it is missing still at the next look"
                                                     : "the tokens read before stay in force",
                      came);
  if (seen.is == file_state::sound) {
    file.tokens = seen.tokens;
  } else if (seen.is == file_state::missing && missed_before && !file.tokens.empty()) {
    file.tokens.clear();
    came.warnings.push_back(seen.why_not + "; its tokens have ended");
  }
  if (seen.unix_user && in_force.unix_user != seen.unix_user) {
    in_force.unix_user = seen.unix_user;
    changed = true;
  }
  return changed;
}

bool access_in_force::look_at(const access_look::issuer& seen, outcome& came) {
  bool const missed_before = issuer_.was == file_state::missing;
  bool changed = note(issuer_, seen.is, seen.why_not,
                      seen.is == file_state::missing ? "the keys read before end if it is missing still at the next look"
                                                     : "the keys read before stay in force",
                      came);
  auto& in_force = rules_.injecting->jwt;
  auto next = *in_force;
  if (seen.is == file_state::sound && seen.content != in_force->content) {
    next.keys = seen.keys;
    next.content = seen.content;
  } else if (seen.is == file_state::missing && missed_before && !in_force->keys.empty()) {
    next.keys.clear();
    next.content = {};
    came.warnings.push_back(seen.why_not + "; its keys have ended");
  } else {
    return changed;
  }
  in_force = std::make_shared<const jwt_rules>(std::move(next));
  return true;
}

// Gives each client the tokens of its file, except those that another client's file holds too.
bool access_in_force::give_tokens(const access_look& seen, outcome& came) {
  bool changed = false;
  token_holders holders;
  for (std::size_t i = 0; i < clients_.size(); ++i) holders.add(i, clients_[i].tokens);
  std::vector<token_hash> twice;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    std::vector<token_hash> own;
    for (auto const& token : clients_[i].tokens) {
      auto const other = holders.other_than(i, token);
      if (!other) {
        own.push_back(token);
        continue;
      }
      twice.push_back(token);
      if (std::ranges::find(duplicates_, token) != duplicates_.end()) continue;
      auto const& another = rules_.injecting->clients[*other].name;
      came.warnings.push_back(seen.clients[i].key + ": holds a token that is also client '" + another + "'s: it proves neither");
      ++came.failures;
    }
    auto& in_force = rules_.injecting->clients[i].tokens;
    if (in_force == own) continue;
    in_force = std::move(own);
    changed = true;
  }
  duplicates_ = std::move(twice);
  return changed;
}

}  // namespace gateway
