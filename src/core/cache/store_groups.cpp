// The operations of lru_store that concern several entries: those of one credential, of one call, or all.
#include <algorithm>

#include "core/cache/store_index.hpp"

namespace gateway {

bool lru_store::owns(const partition& owner) const { return index_->by_owner().contains(owner); }

void lru_store::add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const {
  auto const [begin, end] = index_->by_owner().equal_range(owner);
  for (auto at = begin; at != end && to.size() < most; ++at) {
    auto const& whose = at->stored->account;
    if (whose && std::ranges::find(to, *whose) == to.end()) to.push_back(*whose);
  }
}

std::size_t lru_store::revoke(const partition& owner, std::size_t most) {
  std::size_t erased = 0;
  auto const& by_owner = index_->by_owner();
  for (auto at = by_owner.find(owner); at != by_owner.end() && erased < most; at = by_owner.find(owner), ++erased) {
    remove(at, eviction::revoked);
  }
  return erased;
}

bool lru_store::erase(const cache_key& key, eviction reason) {
  bool any = false;
  auto [at, end] = index_->by_call().equal_range(key.call_bits());
  while (at != end) {
    auto const each = at++;
    if (!each->key.is_spelling_of(key)) continue;
    remove(each, reason);
    any = true;
  }
  return any;
}

bool lru_store::make_old(const cache_key& key) {
  bool any = false;
  auto const [first, end] = index_->by_call().equal_range(key.call_bits());
  for (auto each = first; each != end; ++each) {
    if (each->key.is_spelling_of(key) && !each->make_old()) any = true;
  }
  return any;
}

// Returns 1 if a client could have been served from the entry.
template <class Iterator>
std::size_t lru_store::take_from_readers(Iterator at, purge_depth how) {
  bool const was_marked = at->make_old();
  if (how == purge_depth::soft) return was_marked ? 0 : 1;
  remove(at, eviction::purged);
  return 1;
}

lru_store::purged lru_store::purge(const purge_scope& what, purge_depth how, place& from, std::size_t most) {
  purged made;
  auto const& by_expiry = index_->by_expiry();
  for (std::size_t seen = 0; seen < most; ++seen) {
    auto at = by_expiry.lower_bound(std::pair{from.gone_by, from.hash});
    if (at == by_expiry.begin()) {
      made.done = true;
      break;
    }
    --at;
    from = {at->gone_by, at->key.hash};
    if (what.covers(at->key, *at->stored)) made.taken += take_from_readers(at, how);
  }
  return made;
}

std::size_t lru_store::purge(const call_sid& call, std::uint64_t call_bits, purge_depth how) {
  std::size_t taken = 0;
  auto [at, end] = index_->by_call().equal_range(call_bits);
  while (at != end) {
    auto const each = at++;
    if (same_call(each->key.call, call)) taken += take_from_readers(each, how);
  }
  return taken;
}

lru_store::completion lru_store::note_completion(const call_sid& call, std::uint64_t call_bits, mono_time at) {
  completion made;
  auto const [first, end] = index_->by_call().equal_range(call_bits);
  for (auto each = first; each != end; ++each) {
    if (!same_call(each->key.call, call)) continue;
    bool const is_complete = each->stored->kind == answer_kind::complete;
    auto const oldest = is_complete ? at - clock_skew : at + clock_skew;
    if (each->stored->asked_at >= oldest) {  // defence: event-older-than-copy
      made.is_known = made.is_known || is_complete;
    } else if (!each->make_old()) {
      made.made_old.push_back(each->key);
    }
  }
  return made;
}

std::vector<lru_store::walked> lru_store::walk(place& from, std::size_t most) const {
  std::vector<walked> passed;
  auto const& by_expiry = index_->by_expiry();
  for (auto at = by_expiry.lower_bound(std::pair{from.gone_by, from.hash}); at != by_expiry.begin() && passed.size() < most;) {
    --at;
    passed.push_back({at->key, at->state()});
    from = {at->gone_by, at->key.hash};
  }
  return passed;
}

std::vector<lru_store::listed> lru_store::list(const call_sid& call, std::uint64_t call_bits) const {
  std::vector<listed> all;
  auto const [first, end] = index_->by_call().equal_range(call_bits);
  for (auto at = first; at != end; ++at) {
    if (same_call(at->key.call, call)) all.push_back({at->key.owner, at->state(), at->cost, at->refresh_again_at});
  }
  return all;
}

}  // namespace gateway
