#include "app/state/authorized_cache.hpp"

namespace gateway {

template <class Look>
void authorized_cache::look_where_granted(const cache_key& own, mono_time now, Look&& look) {
  grant_table::page held;
  do {
    grants_->with(own.owner, [&](grant_table& one) { one.read(own.owner, now, held); });
    for (std::size_t i = 0; i < held.count; ++i) {
      auto const& one = held.some[i];
      if (refusals_.since(own.owner, one.asked_at)) continue;
      if (look(own.under(one.shared))) return;  // defence: granted-entry
    }
  } while (!held.is_last);
}

authorized_cache::found authorized_cache::find(const cache_key& own, const instant& now, read_table::reader* by) {
  if (is_hidden(own.owner)) return {{}, own};  // defence: refused-account-hidden
  if (looks_by_grants()) {
    std::size_t looked = 0;
    std::optional<found> all;
    look_where_granted(own, now.mono, [&](const cache_key& key) {
      ++looked;
      if (found one{cache_.find(key, now, by), key}; one.stored) all = std::move(one);
      return all.has_value();
    });
    if (all) {
      // The grant that found the entry is tried first the next time.
      if (looked > 1) grants_->with(own.owner, [&](grant_table& one) { one.use(own.owner, all->at.owner); });
      return *std::move(all);
    }
  }
  found mine{cache_.find(own, now, by), own};
  if (mine.stored && refusals_.since(own.owner, mine.stored->asked_at)) mine.stored = nullptr;  // defence: refused-since
  if (mine.stored) return mine;
  for (auto const& key : keys_before(own)) {
    found one{cache_.find(key, now, by), key};
    if (one.stored && inherits(key, own.owner, *one.stored)) return one;  // defence: inherited-entry
  }
  return mine;
}

void authorized_cache::learn(const cache_key& own, credential_evidence now_is, const std::optional<account_sid>& account, const asked& when,
                             mono_time now) {
  if (proves(now_is)) prove(own.owner, when.at);
  switch (now_is) {
    case credential_evidence::unchanged:
    case credential_evidence::accepted:
      break;
    case credential_evidence::proven:
      if (account) {
        if (auto const shared = partition_for(*account, when.subject)) {
          granted_account const shown{*account, *shared};
          grants_->with(own.owner, [&](grant_table& one) { one.give(own.owner, shown, when.at); });  // defence: proof-moment
          any_grants_.store(true, std::memory_order_release);
        }
      }
      if (account) inherit(own, *account, when.at);
      break;
    case credential_evidence::call_refused:
      cache_.erase(own, eviction::revoked);
      disinherit(own);
      // Only a stored body says whose call it is. Without one, the credential cannot see any copy of the call, so no grant has to end.
      if (auto const all = copy_for_all(own, when.subject)) {
        granted_account const whose{*all->stored->account, all->at};
        grants_->with(own.owner, [&](grant_table& one) { one.withdraw(own.owner, whose, now); });  // defence: grant-withdrawn
      }
      break;
    case credential_evidence::refused:
      refuse(own.owner, now);
      break;
  }
}

void authorized_cache::learn_beside(const partition& owner, credential_evidence now_is, mono_time asked_at, mono_time now) {
  if (proves(now_is)) prove(owner, asked_at);
  if (now_is == credential_evidence::refused) refuse(owner, now);
}

// The owner of an entry for all credentials is not a credential, so there is nothing to prove.
void authorized_cache::learn_restored(const partition& owner, const entry& made) {
  if (!is_for_all(owner, made)) prove(owner, made.asked_at);
}

void authorized_cache::prove(const partition& owner, mono_time asked_at) {
  if (!refusals_.since(owner, asked_at) && !is_hidden(owner)) proofs_.with(owner, [&](proofs& one) { one.give(owner, asked_at); });
}

// It checks both tables, so the order in which an acceptance and a refusal are noted does not matter.
bool authorized_cache::is_proved(const partition& owner, mono_time now) const {
  auto const asked_at = proofs_.with(owner, [&](proofs& one) { return one.find(owner, now); });
  return asked_at && !refusals_.since(owner, *asked_at);
}

// Only a known credential is noted. An unproved one has at most one exchange under way, and that exchange has just ended. So invented
// credentials use no memory, displace no other credential, and fill no fleet's table of marks.
void authorized_cache::refuse(const partition& owner, mono_time now) {
  bool const known = end_access(owner, now);
  if (notices_ == nullptr) return;
  if (known) {
    notices_->refused(owner);  // defence: refusal-told
  } else {
    notices_->refused_unknown(owner);
  }
}

bool authorized_cache::knows(const partition& owner) const {
  return proofs_.with(owner, [&](const proofs& one) { return one.knows(owner); }) || cache_.owns(owner) || is_hidden(owner) ||
         (looks_by_grants() && grants_->with(owner, [&](const grant_table& one) { return one.knows(owner); }));
}

bool authorized_cache::end_access(const partition& owner, mono_time now) {
  // defence: known-credential
  bool const known = knows(owner);
  if (known) refusals_.note(owner, now);  // first: from now on no request finds the entries that are being dropped
  // defence: revoked-leaves
  cache_.revoke(owner);  // always: a snapshot that is being loaded may hold an entry of this owner
  if (any_successions_) {
    std::lock_guard const lock{successions_mutex_};
    successions_.hide_all(owner);
  }
  // Last, because entries that were loaded from a snapshot in the meantime have proved the credential, too.
  proofs_.with(owner, [&](proofs& one) { one.end(owner, now); });
  return known;
}

std::optional<not_stored> authorized_cache::insert(const cache_key& own, const entry_ptr& made, const asked& when, const instant& now) {
  auto const all = made->kind == answer_kind::complete ? partition_for_all(*made, when.subject) : std::nullopt;
  if (all) return cache_.insert(own.under(*all), made, when.generation, now);
  if (refusals_.since(own.owner, when.at)) return not_stored::overtaken;  // defence: overtaken-by-refusal
  return cache_.insert(own, made, when.generation, now);
}

std::optional<authorized_cache::copy> authorized_cache::copy_for_all(const cache_key& own, const std::optional<digest>& subject) const {
  if (!all_share_ && !subject) return std::nullopt;
  for (auto const& one : cache_.list(own.call)) {
    if (one.owner == partition_for_all(*one.state.stored, subject)) return copy{one.owner, one.state.stored.share()};
  }
  return std::nullopt;
}

entry_ptr authorized_cache::peek(const cache_key& own, const std::optional<digest>& subject) const {
  if (auto const all = copy_for_all(own, subject)) return all->stored;
  auto stored = cache_.peek(own);
  for (auto const& key : keys_before(own)) {
    if (stored) break;
    stored = cache_.peek(key);
  }
  return stored;
}

std::vector<partition> authorized_cache::owners_seen(const partition& owner, mono_time now) {
  std::vector<partition> all{owner};
  if (!looks_by_grants()) return all;
  grant_table::page held;
  grants_->with(owner, [&](grant_table& one) { one.read(owner, now, held); });
  for (std::size_t i = 0; i < held.count; ++i) {
    if (!refusals_.since(owner, held.some[i].asked_at)) all.push_back(held.some[i].shared);
  }
  return all;
}

void authorized_cache::withdraw(const cache_key& own, const std::optional<digest>& subject) {
  // Two fetches with contradicting answers may both have stored a copy.
  while (auto const all = copy_for_all(own, subject)) cache_.erase(own.under(all->at), eviction::withdrawn);
  for (auto const& key : keys_before(own)) cache_.erase(key, eviction::withdrawn);
  cache_.erase(own, eviction::withdrawn);
}

template <class Note>
void authorized_cache::where_it_sees(const cache_key& own, mono_time now, Note&& note) {
  // An upstream answer to an unknown credential says nothing about what other credentials may see.
  if (looks_by_grants()) {
    look_where_granted(own, now, [&](const cache_key& key) {
      bool const is_there = cache_.peek(key) != nullptr;
      if (is_there) note(key);
      return is_there;
    });
  }
  for (auto const& key : keys_before(own)) {
    if (auto const one = cache_.peek(key); one && inherits(key, own.owner, *one)) note(key);
  }
  note(own);
}

void authorized_cache::note_answer(const cache_key& own, const not_stored_answer& answer, mono_time now) {
  where_it_sees(own, now, [&](const cache_key& key) { cache_.note_answer(key, answer, now); });
}

void authorized_cache::note_failure(const cache_key& own, processing_state wanted, mono_time now) {
  where_it_sees(own, now, [&](const cache_key& key) { cache_.note_failure(key, wanted, now); });
}

void authorized_cache::note_newer(const cache_key& own, const asked& when) {
  if (auto const all = copy_for_all(own, when.subject)) cache_.note_newer(own.under(all->at), when.at);
  // Otherwise mark the key under which an answer that is still under way would be stored. The grant that this answer gave comes first.
  if (looks_by_grants()) {
    look_where_granted(own, when.at, [&](const cache_key& key) {
      cache_.note_newer(key, when.at);
      return true;
    });
  }
  cache_.note_newer(own, when.at);
}

void authorized_cache::succeed(std::span<const succession> all) {
  std::vector<partition> lost;
  {
    std::lock_guard const lock{successions_mutex_};
    lost = successions_.take_over(all);
    any_successions_ = !successions_.empty();
  }
  for (auto const& one : lost) cache_.revoke(one);
}

std::vector<cache_key> authorized_cache::keys_before(const cache_key& own) const {
  std::vector<cache_key> keys;
  if (!any_successions_) return keys;
  std::lock_guard const lock{successions_mutex_};
  for (auto const& one : successions_.before(own.owner)) keys.push_back(own.under(one));
  return keys;
}

// Whether this credential may see an entry that an earlier credential stored.
bool authorized_cache::inherits(const cache_key& at, const partition& owner, const entry& stored) const {
  if (!stored.account || !may_serve(at.owner, stored)) return false;
  return is_shown(owner, *stored.account);
}

bool authorized_cache::is_shown(const partition& owner, const account_sid& whose) const {
  std::lock_guard const lock{successions_mutex_};
  auto const asked_at = successions_.shown(owner, whose);
  return asked_at && !refusals_.since(owner, *asked_at);
}

// The upstream has shown this credential a call of that account.
void authorized_cache::inherit(const cache_key& own, const account_sid& whose, mono_time asked_at) {
  auto const keys = keys_before(own);
  if (keys.empty()) return;
  std::vector<account_sid> named;
  if (!is_shown(own.owner, whose)) {
    for (auto const& one : keys) cache_.add_accounts_of(one.owner, 2, named);
  }
  // Several accounts mean that the credential belongs to a parent account: the first call that it reads says nothing about the other
  // accounts.
  bool const is_another = named.size() == 1 && named.front() != whose;
  {
    std::lock_guard const lock{successions_mutex_};
    is_another ? successions_.end(own.owner) : successions_.show(own.owner, whose, asked_at);
  }
  if (!is_another) return;
  for (auto const& one : keys) cache_.revoke(one.owner);
}

// The credential may not read this call, so it may not read any call of the same account.
void authorized_cache::disinherit(const cache_key& own) {
  for (auto const& key : keys_before(own)) {
    auto const stored = cache_.peek(key);
    cache_.erase(key, eviction::revoked);
    if (!stored) continue;
    std::lock_guard const lock{successions_mutex_};
    if (stored->account) successions_.hide(own.owner, *stored->account);
  }
}

}  // namespace gateway
