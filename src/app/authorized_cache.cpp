#include "app/authorized_cache.hpp"

namespace gateway {

authorized_cache::found authorized_cache::find(const cache_key& own, mono_time now) {
  if (grants_) {
    auto const key = shared_key(own);
    if (found all{cache_.find(key, now), key}; all.kept && may_see(own.owner, *all.kept, now)) return all;
  }
  found mine{cache_.find(own, now), own};
  if (mine.kept && refusals_.since(own.owner, mine.kept->stored_at)) mine.kept = nullptr;
  return mine;
}

bool authorized_cache::may_see(const partition& who, const entry& kept, mono_time now) {
  if (!kept.account) return false;
  auto const proved = grants_->find(who, *kept.account, now);
  return proved && !refusals_.since(who, *proved);
}

void authorized_cache::learn(const cache_key& own, standing now_is, const std::optional<account_sid>& account, const asked& when,
                             mono_time now) {
  switch (now_is) {
    case standing::unchanged:
      break;
    case standing::proven:
      if (grants_ && account) grants_->give(own.owner, *account, when.at);
      break;
    case standing::call_refused:
      cache_.erase(own);
      if (!grants_) break;
      // Whose call it is only a body can tell. If nobody has one, there is nothing that could be seen wrongly either.
      if (auto const all = cache_.find(shared_key(own), now).kept; all && all->account) grants_->withdraw(own.owner, *all->account, now);
      break;
    case standing::refused:
      cache_.erase(own);
      refuse(own.owner, now);
      break;
  }
}

bool authorized_cache::insert(const cache_key& own, entry_ptr made, const asked& when, mono_time now) {
  if (is_shared(*made)) {
    auto const key = shared_key(own);
    return cache_.insert(key, std::move(made), when.generation, now);
  }
  if (refusals_.since(own.owner, when.at)) return false;
  return cache_.insert(own, std::move(made), when.generation, now);
}

void authorized_cache::note_refresh_failed(const cache_key& own) {
  if (grants_) cache_.note_refresh_failed(shared_key(own));
  cache_.note_refresh_failed(own);
}

}  // namespace gateway
