#include "core/polling/life_table.hpp"

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

namespace gateway {
namespace {

namespace mi = boost::multi_index;

constexpr std::size_t by_look = 0;  // front: the oldest look
constexpr std::size_t by_key = 1;
constexpr std::size_t by_call = 2;

// A call for which no look was made for so long has ended, or no client asks for it: what is remembered of it goes.
constexpr std::chrono::hours longest_pause{24};

struct row {
  cache_key key;
  mutable call_life life;  // no index depends on it
};

struct call_of {
  using result_type = std::uint64_t;
  result_type operator()(const row& one) const { return one.key.call_bits(); }
};
// A keyed hash already: clients cannot choose these values.
struct call_hash {
  std::size_t operator()(std::uint64_t call_bits) const { return call_bits; }
};

}  // namespace

struct life_table::index {
  mi::multi_index_container<row, mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<row, cache_key, &row::key>, cache_key_hash>,
                                                mi::hashed_non_unique<call_of, call_hash>>>
      all;
};

life_table::life_table(std::size_t most) : most_(most), index_(std::make_unique<index>()) {}
life_table::~life_table() = default;
life_table::life_table(life_table&&) noexcept = default;

call_life* life_table::find(const cache_key& key, mono_time now) {
  auto& keys = index_->all.get<by_key>();
  auto const found = keys.find(key);
  if (found == keys.end() || now - found->life.looked_at >= longest_pause) return nullptr;
  return &found->life;
}

call_life& life_table::touch(const cache_key& key, mono_time now) {
  auto& looks = index_->all.get<by_look>();
  while (!looks.empty() && now - looks.front().life.looked_at >= longest_pause) looks.pop_front();
  auto const [place, is_new] = looks.push_back(row{key, {}});
  if (!is_new) looks.relocate(looks.end(), place);
  if (is_new) place->life.looked_at = now;
  if (looks.size() > most_) looks.pop_front();
  return place->life;
}

std::vector<life_table::listed> life_table::about(std::uint64_t call_bits, const call_sid& call) {
  std::vector<listed> some;
  auto const [first, last] = index_->all.get<by_call>().equal_range(call_bits);
  for (auto at = first; at != last; ++at) {
    if (same_call(at->key.call, call)) some.push_back({at->key.owner, &at->life});
  }
  return some;
}

bool life_table::erase(const cache_key& key) { return index_->all.get<by_key>().erase(key) > 0; }

void life_table::erase_call(std::uint64_t call_bits, const call_sid& call) {
  auto& calls = index_->all.get<by_call>();
  auto [at, last] = calls.equal_range(call_bits);
  while (at != last) at = same_call(at->key.call, call) ? calls.erase(at) : std::next(at);
}

void life_table::clear() { index_->all.clear(); }

std::size_t life_table::size() const { return index_->all.size(); }

}  // namespace gateway
