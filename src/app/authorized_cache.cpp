#include "app/authorized_cache.hpp"

namespace gateway {

authorized_cache::found authorized_cache::find(const cache_key& own, const instant& now) {
  if (grants_) {
    auto const key = shared_key(own);
    if (found all{cache_.find(key, now), key}; all.kept && may_see(own.owner, *all.kept, now.mono)) return all;
  }
  found mine{cache_.find(own, now), own};
  if (mine.kept && refusals_.since(own.owner, mine.kept->asked_at)) mine.kept = nullptr;
  return mine;
}

bool authorized_cache::may_see(const partition& who, const entry& kept, mono_time now) {
  if (!kept.account) return false;
  auto const proved = grants_->find(who, *kept.account, now);
  return proved && !refusals_.since(who, *proved);
}

void authorized_cache::learn(const cache_key& own, standing now_is, const std::optional<account_sid>& account, const asked& when,
                             mono_time now) {
  if (proves(now_is)) prove(own.owner, when.at);
  switch (now_is) {
    case standing::unchanged:
    case standing::accepted:
      break;
    case standing::proven:
      if (grants_ && account) grants_->give(own.owner, *account, when.at);
      break;
    case standing::call_refused:
      cache_.erase(own, eviction::revoked);
      if (!grants_) break;
      // Whose call it is only a body can tell. If nobody has one, there is nothing that could be seen wrongly either.
      if (auto const all = cache_.peek(shared_key(own)); all && all->account) grants_->withdraw(own.owner, *all->account, now);
      break;
    case standing::refused:
      refuse(own.owner, now);
      break;
  }
}

void authorized_cache::learn_beside(const partition& owner, standing now_is, mono_time asked_at, mono_time now) {
  if (proves(now_is)) prove(owner, asked_at);
  if (now_is == standing::refused) refuse(owner, now);
}

// A shared body's owner is no credential.
void authorized_cache::learn_restored(const partition& owner, const entry& made) {
  if (owner != everybody_) prove(owner, made.stored_at);
}

void authorized_cache::prove(const partition& owner, mono_time asked_at) {
  if (!refusals_.since(owner, asked_at)) proofs_.with(owner, [&](proofs& one) { one.give(owner, asked_at); });
}

// Both are looked at, so that it does not matter in which order an acceptance and a refusal are noted.
bool authorized_cache::is_proved(const partition& owner, mono_time now) const {
  auto const asked_at = proofs_.with(owner, [&](proofs& one) { return one.find(owner, now); });
  return asked_at && !refusals_.since(owner, *asked_at);
}

// Only who has something to lose is noted: what is unproved has one exchange under way at most, and that was this one. So whoever sends
// invented credentials leaves no trace, and takes no place from those who are noted.
void authorized_cache::refuse(const partition& owner, mono_time now) {
  bool const known = proofs_.with(owner, [&](const proofs& one) { return one.knows(owner); }) || cache_.owns(owner);
  if (known) {
    refusals_.note(owner, now);  // first: from here on nobody finds what is being dropped
    cache_.revoke(owner);
  } else {
    cache_.revoke_unknown(owner);
  }
  // Last: what was loaded from a snapshot meanwhile has proved it, too.
  proofs_.with(owner, [&](proofs& one) { one.end(owner, now); });
}

std::optional<not_stored> authorized_cache::insert(const cache_key& own, entry_ptr made, const asked& when, const instant& now) {
  if (is_shared(*made)) {
    auto const key = shared_key(own);
    return cache_.insert(key, std::move(made), when.generation, now);
  }
  if (refusals_.since(own.owner, when.at)) return not_stored::overtaken;
  return cache_.insert(own, std::move(made), when.generation, now);
}

entry_ptr authorized_cache::peek(const cache_key& own) const {
  auto all = grants_ ? cache_.peek(shared_key(own)) : nullptr;
  return all ? all : cache_.peek(own);
}

void authorized_cache::withdraw(const cache_key& own) {
  if (grants_) cache_.erase(shared_key(own), eviction::withdrawn);
  cache_.erase(own, eviction::withdrawn);
}

template <class Note>
void authorized_cache::where_it_sees(const cache_key& own, mono_time now, Note&& note) {
  if (grants_) {
    auto const key = shared_key(own);
    // What upstream says to a stranger is no news about what others may see.
    if (auto const all = cache_.peek(key); all && may_see(own.owner, *all, now)) note(key);
  }
  note(own);
}

void authorized_cache::note_answer(const cache_key& own, const unkept_answer& answer, mono_time now) {
  where_it_sees(own, now, [&](const cache_key& key) { cache_.note_answer(key, answer, now); });
}

void authorized_cache::note_failure(const cache_key& own, processing_state wanted, mono_time now) {
  where_it_sees(own, now, [&](const cache_key& key) { cache_.note_failure(key, wanted, now); });
}

void authorized_cache::note_newer(const cache_key& own, const asked& when) {
  if (grants_) cache_.note_newer(shared_key(own), when.at);
  cache_.note_newer(own, when.at);
}

}  // namespace gateway
