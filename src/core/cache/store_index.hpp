// The inside of lru_store: its slots and the indices over them. Only the sources of lru_store include it.
// Thread rule: that of lru_store.
#pragma once

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <utility>
#include <vector>

#include "core/cache/read_table.hpp"
#include "core/cache/store_slot.hpp"

namespace gateway {

struct lru_store::index {
  struct owner_of {
    using result_type = partition;
    const partition& operator()(const store_slot& one) const { return one.key.owner; }
  };
  struct owner_hash {
    std::size_t operator()(const partition& owner) const { return owner.bits(); }
  };
  // A keyed hash: a client that chooses CallSids cannot choose these values.
  struct call_of {
    using result_type = std::uint64_t;
    result_type operator()(const store_slot& one) const { return one.key.call_bits(); }
  };
  struct call_hash {
    std::size_t operator()(std::uint64_t call_bits) const { return call_bits; }
  };
  // The key's hash comes second, so that a walk in this order can continue where it stopped.
  struct end_of {
    using result_type = std::pair<wall_time, std::uint64_t>;
    result_type operator()(const store_slot& one) const { return {one.gone_by, one.key.hash}; }
  };

  using by_use_index = boost::multi_index::ordered_non_unique<boost::multi_index::member<store_slot, mono_time, &store_slot::filed_use>>;
  using by_key_index =
      boost::multi_index::hashed_unique<boost::multi_index::member<store_slot, cache_key, &store_slot::key>, cache_key_hash>;
  using by_owner_index = boost::multi_index::hashed_non_unique<owner_of, owner_hash>;
  using by_expiry_index = boost::multi_index::ordered_non_unique<end_of>;
  using by_call_index = boost::multi_index::hashed_non_unique<call_of, call_hash>;
  using slots = boost::multi_index_container<
      store_slot, boost::multi_index::indexed_by<by_use_index, by_key_index, by_owner_index, by_expiry_index, by_call_index>>;

  // The least recently used slot comes first, as far as the order knows: uses are noted at the slots.
  auto& by_use() { return all.get<0>(); }
  auto& by_key() { return all.get<1>(); }
  auto& by_owner() { return all.get<2>(); }
  // In the order of expiry by the wall clock, which also advances while a machine is suspended.
  auto& by_expiry() { return all.get<3>(); }
  auto& by_call() { return all.get<4>(); }

  // The same slot in the order of use; `at` belongs to any of the indices.
  template <class Iterator>
  auto place_of(Iterator at) {
    return all.project<0>(at);
  }

  slots all;
  std::vector<slots::node_type> retired;  // removed while a reader had them: one a reader at most
};

template <class Iterator>
void lru_store::remove(Iterator at, eviction reason) {
  if (readers_ != nullptr) readers_->take(*at);
  ++counts_.evictions[static_cast<std::size_t>(reason)];
  --counts_.entries;
  auto taken = index_->by_use().extract(index_->place_of(at));
  if (readers_ != nullptr && readers_->is_read(taken.value())) {  // defence: read-is-not-freed
    index_->retired.push_back(std::move(taken));
  } else {
    counts_.bytes -= taken.value().cost;
  }
}

}  // namespace gateway
