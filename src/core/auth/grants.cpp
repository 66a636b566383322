#include "core/auth/grants.hpp"

#include <algorithm>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <vector>

namespace gateway {
namespace {

namespace mi = boost::multi_index;

constexpr std::size_t holders_by_use = 0;  // front: least recently used
constexpr std::size_t holder_by_credential = 1;

struct credential_hash {
  std::size_t operator()(const partition& who) const { return who.bits(); }
};

}  // namespace

struct grant_table::grant {
  granted_account account;
  mono_time asked_at = mono_time::min();
  mono_time withdrawn_at;
};

struct grant_table::holder {
  partition who;
  mutable std::vector<grant> grants;  // front: most recently used; no index depends on it
};

struct grant_table::index {
  mi::multi_index_container<
      holder, mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<holder, partition, &holder::who>, credential_hash>>>
      all;
};

grant_table::grant_table(std::size_t most, std::chrono::nanoseconds ttl) : most_(most), ttl_(ttl), index_(std::make_unique<index>()) {}
grant_table::~grant_table() = default;
grant_table::grant_table(grant_table&&) noexcept = default;

void grant_table::read(const partition& who, mono_time now, page& into) {
  into.count = 0;
  into.is_last = true;
  auto const found = index_->all.get<holder_by_credential>().find(who);
  if (found == index_->all.get<holder_by_credential>().end()) return;
  auto& used = index_->all.get<holders_by_use>();
  used.relocate(used.end(), index_->all.project<holders_by_use>(found));
  for (; into.next < found->grants.size() && into.count < page::most; ++into.next) {
    auto const& one = found->grants[into.next];
    if (holds(one, now)) into.some[into.count++] = {one.account.shared, one.asked_at};  // defence: grant-holds
  }
  into.is_last = into.next == found->grants.size();
}

void grant_table::use(const partition& who, const partition& shared) {
  auto const found = index_->all.get<holder_by_credential>().find(who);
  if (found == index_->all.get<holder_by_credential>().end()) return;
  auto& grants = found->grants;
  auto const at = std::ranges::find_if(grants, [&](const grant& one) { return one.account.shared == shared; });
  if (at != grants.end()) std::rotate(grants.begin(), at, at + 1);
}

// defence: grant-age
bool grant_table::holds(const grant& one, mono_time now) const { return one.asked_at > one.withdrawn_at && now - one.asked_at < ttl_; }

void grant_table::give(const partition& who, const granted_account& account, mono_time asked_at) {
  auto& known = touch(who, account);
  known.asked_at = std::max(known.asked_at, asked_at);
}

// The withdrawal is stored, not erased: the answer to an older request may still arrive.
void grant_table::withdraw(const partition& who, const granted_account& account, mono_time now) {
  auto& known = touch(who, account);
  known.withdrawn_at = std::max(known.withdrawn_at, now);
}

bool grant_table::knows(const partition& who) const { return index_->all.get<holder_by_credential>().contains(who); }

std::size_t grant_table::holders(const account_sid& whose, mono_time now) const {
  auto const counts = [&](const holder& one) {
    return std::ranges::any_of(one.grants, [&](const grant& each) { return each.account.whose == whose && holds(each, now); });
  };
  return static_cast<std::size_t>(std::ranges::count_if(index_->all.get<holders_by_use>(), counts));
}

grant_table::grant& grant_table::touch(const partition& who, const granted_account& account) {
  auto& used = index_->all.get<holders_by_use>();
  auto const [place, fresh] = used.push_back(holder{who, {}});
  if (!fresh) used.relocate(used.end(), place);
  auto& grants = place->grants;
  auto const at = std::ranges::find_if(grants, [&](const grant& one) { return one.account.shared == account.shared; });
  if (at != grants.end()) {
    std::rotate(grants.begin(), at, at + 1);
    return grants.front();
  }
  grants.insert(grants.begin(), grant{account, mono_time::min(), forgotten_});
  ++size_;
  if (grants.size() > most_per_credential) forget_last_of(*place);
  make_room();
  return grants.front();
}

void grant_table::forget_last_of(const holder& one) {
  forgotten_ = std::max(forgotten_, one.grants.back().withdrawn_at);
  one.grants.pop_back();
  --size_;
}

void grant_table::make_room() {
  auto& used = index_->all.get<holders_by_use>();
  while (size_ > most_) {
    forget_last_of(used.front());
    if (used.front().grants.empty()) used.pop_front();
  }
}

}  // namespace gateway
