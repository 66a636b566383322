#include "core/auth/grants.hpp"

#include <algorithm>
#include <array>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstring>

namespace gateway {
namespace {

namespace mi = boost::multi_index;

constexpr std::size_t by_use = 0;  // front: used the longest time ago
constexpr std::size_t by_key = 1;

struct grant_key_hash {
  std::size_t operator()(const grant_key& key) const { return key.hash; }
};

std::uint64_t hash_of(const partition& who, const account_sid& whose, const short_hash_key& key) {
  std::array<char, sizeof(digest) + account_sid::length> bytes{};
  std::memcpy(bytes.data(), who.id.data(), who.id.size());
  std::memcpy(bytes.data() + who.id.size(), whose.view().data(), account_sid::length);
  return short_hash(key, {bytes.data(), bytes.size()});
}

}  // namespace

grant_key::grant_key(const partition& credential, const account_sid& account, const short_hash_key& key)
    : who(credential), whose(account), hash(hash_of(credential, account, key)) {}

struct grant_table::record {
  grant_key key;
  mutable mono_time asked_at = mono_time::min();  // no index depends on these
  mutable mono_time withdrawn_at = mono_time::min();
};

struct grant_table::index {
  mi::multi_index_container<record,
                            mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<record, grant_key, &record::key>, grant_key_hash>>>
      all;
};

grant_table::grant_table(std::size_t max_grants, std::chrono::nanoseconds ttl)
    : max_grants_(max_grants), ttl_(ttl), index_(std::make_unique<index>()) {}
grant_table::~grant_table() = default;
grant_table::grant_table(grant_table&&) noexcept = default;

std::optional<mono_time> grant_table::find(const grant_key& key, mono_time now) {
  auto const found = index_->all.get<by_key>().find(key);
  if (found == index_->all.get<by_key>().end()) return std::nullopt;
  auto& used = index_->all.get<by_use>();
  used.relocate(used.end(), index_->all.project<by_use>(found));
  return holds(*found, now) ? std::optional{found->asked_at} : std::nullopt;
}

bool grant_table::holds(const record& one, mono_time now) const { return one.asked_at > one.withdrawn_at && now - one.asked_at < ttl_; }

void grant_table::give(const grant_key& key, mono_time asked_at) {
  auto const& known = touch(key);
  known.asked_at = std::max(known.asked_at, asked_at);
}

// Remembered rather than erased: an older answer may still be on its way.
void grant_table::withdraw(const grant_key& key, mono_time now) {
  auto const& known = touch(key);
  known.withdrawn_at = std::max(known.withdrawn_at, now);
}

std::size_t grant_table::size() const { return index_->all.size(); }

std::size_t grant_table::holders(const account_sid& whose, mono_time now) const {
  auto const counts = [&](const record& one) { return one.key.whose == whose && holds(one, now); };
  return static_cast<std::size_t>(std::ranges::count_if(index_->all.get<by_use>(), counts));
}

const grant_table::record& grant_table::touch(const grant_key& key) {
  auto& used = index_->all.get<by_use>();
  auto const [place, fresh] = used.push_back(record{key});
  if (!fresh) used.relocate(used.end(), place);
  if (used.size() > max_grants_) used.pop_front();
  return used.back();
}

}  // namespace gateway
