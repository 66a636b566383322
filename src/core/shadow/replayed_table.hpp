// One table of a cache that is only imagined: which answers it would hold, least recently used first, without their bodies. It follows
// core/cache/store: expired answers leave before a usable one is evicted.
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstdint>

#include "core/shadow/sighting.hpp"

namespace gateway {

struct replayed_entry {
  std::uint64_t call;
  std::uint64_t place;
  mutable sized_answer answer;
  mutable mono_time checked_at = mono_time::min();  // when the upstream last answered the question again
  mutable std::uint64_t used = 0;                   // the number of its last use; the order of use is that of these numbers
  mutable mono_time used_at{};
};

class replayed_table {
public:
  explicit replayed_table(std::uint64_t capacity) : capacity_(capacity) {}

  // Calls use(entry) for each copy of the call, until it returns true. Expired copies are none.
  template <class Use>
  const replayed_entry* find(std::uint64_t call, mono_time now, Use&& use) {
    auto [at, end] = entries_.get<1>().equal_range(call);
    while (at != end) {
      auto const one = at++;
      if (now >= one->answer.gone_at) {
        remove(one);
      } else if (use(*one)) {
        return &*one;
      }
    }
    return nullptr;
  }
  void use(const replayed_entry& one, std::uint64_t number, mono_time now);
  // It takes the place of what is stored there. False: it is larger than the table.
  bool insert(replayed_entry one, mono_time now);
  // Evicts what does not fit any more.
  void set_capacity(std::uint64_t capacity);
  void erase(std::uint64_t call);
  void erase(const replayed_entry& one);
  void erase_owner(std::uint64_t place);
  void clear();

  // The shortest time without use after which an entry was evicted: a call that is asked for again sooner is a hit.
  [[nodiscard]] std::chrono::nanoseconds evicts_after() const { return evicts_after_; }
  [[nodiscard]] bool holds(std::uint64_t call) const { return entries_.get<1>().contains(call); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Calls use(entry) for all, the least recently used one first.
  template <class Use>
  void each(Use&& use) const {
    for (auto const& one : entries_) use(one);
  }

private:
  // Calls are keyed hashes already.
  struct as_it_is {
    std::size_t operator()(std::uint64_t call) const { return call; }
  };
  using by_call =
      boost::multi_index::hashed_non_unique<boost::multi_index::member<replayed_entry, std::uint64_t, &replayed_entry::call>, as_it_is>;
  using all = boost::multi_index_container<replayed_entry, boost::multi_index::indexed_by<boost::multi_index::sequenced<>, by_call>>;

  template <class Iterator>
  void remove(Iterator at) {
    bytes_ -= at->answer.cost;
    auto const by_use = entries_.project<0>(at);
    entries_.erase(by_use);
  }
  void sweep(mono_time now);

  std::uint64_t capacity_;
  std::uint64_t bytes_ = 0;
  std::chrono::nanoseconds evicts_after_ = std::chrono::nanoseconds::max();
  mono_time next_end_ = mono_time::max();  // no entry expires before
  all entries_;
};

}  // namespace gateway
