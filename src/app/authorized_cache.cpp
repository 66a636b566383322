#include "app/authorized_cache.hpp"

namespace gateway {

template <class Look>
void authorized_cache::look_where_granted(const cache_key& own, mono_time now, Look&& look) {
  grant_table::page held;
  do {
    grants_->with(own.owner, [&](grant_table& one) { one.read(own.owner, now, held); });
    for (std::size_t i = 0; i < held.count; ++i) {
      auto const& one = held.some[i];
      if (refusals_.since(own.owner, one.asked_at)) continue;
      if (look(own.under(one.shared))) return;
    }
  } while (!held.is_last);
}

authorized_cache::found authorized_cache::find(const cache_key& own, const instant& now) {
  if (grants_) {
    std::size_t looked = 0;
    std::optional<found> all;
    look_where_granted(own, now.mono, [&](const cache_key& key) {
      ++looked;
      if (found one{cache_.find(key, now), key}; one.kept) all = std::move(one);
      return all.has_value();
    });
    if (all) {
      // So that it is found at once the next time.
      if (looked > 1) grants_->with(own.owner, [&](grant_table& one) { one.use(own.owner, all->at.owner); });
      return *std::move(all);
    }
  }
  found mine{cache_.find(own, now), own};
  if (mine.kept && refusals_.since(own.owner, mine.kept->stored_at)) mine.kept = nullptr;
  return mine;
}

void authorized_cache::learn(const cache_key& own, standing now_is, const std::optional<account_sid>& account, const asked& when,
                             mono_time now) {
  if (proves(now_is)) prove(own.owner, when.at);
  switch (now_is) {
    case standing::unchanged:
    case standing::accepted:
      break;
    case standing::proven:
      if (grants_ && account) {
        granted_account const shown{*account, credential_key_};
        grants_->with(own.owner, [&](grant_table& one) { one.give(own.owner, shown, when.at); });
      }
      break;
    case standing::call_refused:
      cache_.erase(own, eviction::revoked);
      if (!grants_) break;
      // Whose call it is only a body can tell. If nobody has one, there is nothing that could be seen wrongly either.
      if (auto const all = copy_for_all(own)) {
        granted_account const whose{*all->kept->account, credential_key_};
        grants_->with(own.owner, [&](grant_table& one) { one.withdraw(own.owner, whose, now); });
      }
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

// The owner of what is for all is no credential.
void authorized_cache::learn_restored(const partition& owner, const entry& made) {
  if (!is_for_all(owner, made)) prove(owner, made.stored_at);
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
  if (grants_ && made->kind == answer_kind::complete && made->account) {
    auto const key = own.under(shared_partition(*made->account, credential_key_));
    return cache_.insert(key, std::move(made), when.generation, now);
  }
  if (refusals_.since(own.owner, when.at)) return not_stored::overtaken;
  return cache_.insert(own, std::move(made), when.generation, now);
}

std::optional<authorized_cache::copy> authorized_cache::copy_for_all(const cache_key& own) const {
  if (!grants_) return std::nullopt;
  for (auto const& one : cache_.list(own.call)) {
    if (is_for_all(one.owner, *one.state.kept)) return copy{one.owner, one.state.kept};
  }
  return std::nullopt;
}

entry_ptr authorized_cache::peek(const cache_key& own) const {
  auto const all = copy_for_all(own);
  return all ? all->kept : cache_.peek(own);
}

void authorized_cache::withdraw(const cache_key& own) {
  // Answers of two fetches that contradict each other may both have been filed.
  while (auto const all = copy_for_all(own)) cache_.erase(own.under(all->at), eviction::withdrawn);
  cache_.erase(own, eviction::withdrawn);
}

void authorized_cache::note_refresh_failed(const cache_key& own, mono_time now) {
  // What upstream says to a stranger is no news about what others may see.
  if (grants_) {
    look_where_granted(own, now, [&](const cache_key& key) {
      bool const is_there = cache_.peek(key) != nullptr;
      if (is_there) cache_.note_refresh_failed(key, now);
      return is_there;
    });
  }
  cache_.note_refresh_failed(own, now);
}

}  // namespace gateway
