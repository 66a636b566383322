#include "core/auth/admin_rules.hpp"

#include <algorithm>
#include <array>

#include "core/auth/plain_name.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::string_view nameless = "the admin token";

// Compares with every known token, so the time taken reveals nothing.
const admin_user* holder_of(std::string_view authorization, const std::vector<admin_user>& named) {
  if (!iequals(authorization.substr(0, 7), "bearer ")) return nullptr;
  auto const hash = hash_of_token(trim_ows(authorization.substr(7)));
  const admin_user* holder = nullptr;
  for (auto const& one : named) {
    if (one.token && same_hash(*one.token, hash)) holder = &one;
  }
  return holder;
}

// What of a unix socket's peer proves that it is this operator; "": nothing does.
std::string_view proof_of(const admin_user& one, const client& from) {
  if (one.unix_user && one.unix_user == from.user) return "unix user";
  if (one.unix_group && from.user && std::ranges::find(from.groups, *one.unix_group) != from.groups.end()) return "unix group";
  return "";
}

// Takes the next line off the front.
std::string_view next_line(std::string_view& lines) {
  auto const line = lines.substr(0, lines.find('\n'));
  lines.remove_prefix(std::min(lines.size(), line.size() + 1));
  return line;
}

// Takes the next word off the front.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  auto const word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

bool operator==(const admin_user& a, const admin_user& b) {
  return a.name == b.name && a.role == b.role && a.token == b.token && a.certificate.text() == b.certificate.text() &&
         a.unix_user == b.unix_user && a.unix_group == b.unix_group;
}

std::optional<admin_operator> admin_rules::who(const client& from, std::string_view authorization) const {
  if (named_.empty()) return admin_operator{"no token", admin_role::operate, "none"};
  if (auto const* const holder = holder_of(authorization, named_)) return admin_operator{holder->name, holder->role, "token"};
  if (from.is_proxied) return std::nullopt;
  auto const* const owner = owner_of(from.names, named_, [](const admin_user&) { return true; }).entry;
  if (owner != nullptr) return admin_operator{owner->name, owner->role, "certificate"};
  // The strongest role: a user may also be in a group.
  std::optional<admin_operator> found;
  for (auto const& one : named_) {
    auto const by = proof_of(one, from);
    if (!by.empty() && (!found || found->role < one.role)) found = admin_operator{one.name, one.role, by};
  }
  return found;
}

std::string admin_rules::in_words() const {
  std::string text;
  for (auto const& one : named_) text.append(text.empty() ? "" : ", ").append(name_of(one.role)).append(" ").append(one.name);
  return text;
}

std::optional<admin_token_line> parse_admin_token(std::string_view line) {
  std::array<std::string_view, 3> words;
  std::size_t count = 0;
  for (std::string_view word; count < words.size() && !(word = next_word(line)).empty();) words[count++] = word;
  if (!next_word(line).empty() || (count != 1 && count != words.size())) return std::nullopt;
  admin_token_line made;
  if (count == words.size()) {
    auto const role = std::ranges::find(admin_role_names, words[0]);
    if (role == admin_role_names.end() || !is_plain_name(words[1])) return std::nullopt;
    made.role = static_cast<admin_role>(role - admin_role_names.begin());
    made.name = words[1];
  }
  auto const secret = words[count - 1];
  if (auto const hash = parse_token_hash(secret)) {
    made.hash = *hash;
  } else if (is_bearer_token(secret)) {
    made.token = secret;
    made.hash = hash_of_token(secret);
  } else {
    return std::nullopt;
  }
  return made;
}

admin_tokens parse_admin_tokens(std::string_view lines) {
  admin_tokens found;
  bool has_nameless = false;
  auto const refuse = [&](std::string why) {
    found.users.clear();
    found.why_not = std::move(why);
    return found;
  };
  while (!lines.empty()) {
    auto const one = parse_admin_token(next_line(lines));
    if (!one) return refuse("has a line that is neither ROLE NAME TOKEN nor a single token");
    has_nameless = has_nameless || !one->role;
    admin_user user{std::string{one->role ? one->name : nameless}, one->role.value_or(admin_role::operate), one->hash};
    for (auto const& before : found.users) {
      if (same_hash(*before.token, one->hash)) return refuse("has the same token twice");
      if (before.name == user.name && before.role != user.role) return refuse("gives one name two roles");
    }
    found.users.push_back(std::move(user));
  }
  // Nobody can say what a second token without a role was meant to be.
  if (has_nameless && found.users.size() > 1) return refuse("has several lines, and one of them is a token without ROLE and NAME");
  return found;
}

std::string_view strongest_token(std::string_view lines) {
  std::optional<admin_token_line> best;
  auto const strength = [](const admin_token_line& one) { return one.role.value_or(admin_role::operate); };
  while (!lines.empty()) {
    auto const one = parse_admin_token(next_line(lines));
    if (one && !one->token.empty() && (!best || strength(*best) < strength(*one))) best = one;
  }
  return best ? best->token : "";
}

}  // namespace gateway
