#include "io/files/access_looker.hpp"

#include <utility>

#include "io/files/issuer_keys.hpp"

namespace gateway {

access_looker::access_looker(credential_settings from, const upstream_keys& keys)
    : from_(std::move(from)), keys_(keys), known_(from_.accounts.size() + from_.clients.size() + (from_.jwt.is_on() ? 1 : 0)) {
  seen_.accounts.resize(from_.accounts.size());
  seen_.clients.resize(from_.clients.size());
}

std::shared_ptr<const access_look> access_looker::look() {
  ++turn_;
  bool counts = turn_ == 1;
  for (std::size_t i = 0; i < seen_.accounts.size(); ++i) counts |= look_at_account(i);
  for (std::size_t i = 0; i < seen_.clients.size(); ++i) counts |= look_at_client(i);
  if (from_.jwt.is_on()) counts |= look_at_issuer();
  if (!counts) return nullptr;
  seen_.content = {};
  for (auto const& one : known_) add_content(seen_.content, one.content, keys_.plain());
  return std::make_shared<const access_look>(seen_);
}

bool access_looker::must_read(std::size_t i, const std::string& path) {
  auto const stamp = stamp_of(path);
  bool const same = stamp && std::exchange(known_[i].stamp, stamp) == stamp;
  if (!stamp) known_[i].stamp.reset();
  return !same || is_turn_of(i);  // defence: unchanged-stamp
}

// True if the look counts.
bool access_looker::look_at_account(std::size_t i) {
  auto& seen = seen_.accounts[i];
  auto& content = known_[i].content;
  auto const was = seen.is;
  if (must_read(i, secret_file_of(from_.accounts[i]))) {
    auto const before = content;
    seen = read_account(from_, i, keys_, content);
    if (content != before || seen.is != was) return true;
  }
  return seen.is != file_state::sound;
}

bool access_looker::look_at_client(std::size_t i) {
  auto const& values = from_.clients[i];
  auto const place = seen_.accounts.size() + i;
  auto& seen = seen_.clients[i];
  auto& content = known_[place].content;
  auto user = seen.unix_user;
  bool counts = false;
  if (values.token_file.empty() ? turn_ == 1 : must_read(place, values.token_file)) {
    auto const before = content;
    auto const was = seen.is;
    seen = read_client(from_, i, keys_.plain(), content);
    counts = content != before || seen.is != was;
  }
  auto const user_before = user;
  if (!values.unix_user.empty() && (!user || is_turn_of(place))) user = find_user(values.unix_user);
  seen.unix_user = user;
  return counts || user != user_before || seen.is != file_state::sound;
}

bool access_looker::look_at_issuer() {
  auto const was = seen_.jwt.is;
  if (must_read(known_.size() - 1, from_.jwt.jwks_file)) {
    auto const before = std::exchange(known_.back().content, {});
    seen_.jwt = read_issuer(from_.jwt, keys_.plain());
    known_.back().content = seen_.jwt.content;
    if (seen_.jwt.content != before || seen_.jwt.is != was) return true;
  }
  return seen_.jwt.is != file_state::sound;
}

}  // namespace gateway
