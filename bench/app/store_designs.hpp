// Ways to find a kept summary from several threads: the gateway's own cache, and beside it what other designs come down to. All keep the
// same entries in tables chosen by the same hash, so that only what a find writes differs.
// Each has keep(), join(), which is a thread's own place in it, and find(), whose result points to the entry.
#pragma once

#include <cstdlib>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/state/sharded.hpp"
#include "app/state/shared_cache.hpp"
#include "core/cache/table_count.hpp"
#include "summaries.hpp"

namespace bench {

struct summary {
  gateway::cache_key key;
  gateway::entry_ptr made;
};

inline constexpr std::size_t room = std::size_t{256} << 20U;

// What workers call, and what the gateway does each second.
class gateway_cache {
public:
  static constexpr const char* name = "the gateway's cache";
  using place = gateway::read_table::reader;
  [[nodiscard]] place join() { return cache_.join_readers(); }
  [[nodiscard]] gateway::entry_ref find(const gateway::cache_key& key, const gateway::instant& at, place& by) {
    return cache_.find(key, at, &by).stored;
  }
  void sweep(const gateway::instant& at) { cache_.sweep(at); }
  void keep(const summary& one) {
    if (cache_.insert(one.key, one.made, cache_.generation(one.key.call), now)) std::abort();
  }

private:
  gateway::shared_cache cache_{{room, std::size_t{1} << 20U}, table_key};
};

// Those with a mutex need nothing of their own for a thread.
struct no_place {};

// The order of use is a list, to whose end a find moves the entry; or a mark, which only eviction would look at.
enum class use { moves, marks };

template <use how>
class locked_tables {
public:
  static constexpr const char* name = how == use::moves ? "mutex of a table, list of use" : "mutex of a table, mark of use";
  using place = no_place;
  [[nodiscard]] static place join() { return {}; }
  static void sweep(const gateway::instant&) {}
  [[nodiscard]] gateway::entry_ptr find(const gateway::cache_key& key, const gateway::instant&, place&) {
    return tables_.with(key.call_bits(), [&](table& one) -> gateway::entry_ptr {
      const auto at = one.by_key.find(key);
      if (at == one.by_key.end()) return {};
      if constexpr (how == use::moves) {
        one.by_use.splice(one.by_use.end(), one.by_use, at->second);
      } else if (!at->second->is_used) {
        at->second->is_used = true;
      }
      return at->second->made;
    });
  }
  void keep(const summary& one) {
    tables_.with(one.key.call_bits(), [&](table& in) {
      const auto at = in.by_key.find(one.key);
      if (at != in.by_key.end()) {
        at->second->made = one.made;
      } else {
        in.by_key.emplace(one.key, in.by_use.insert(in.by_use.end(), slot{one.made}));
      }
    });
  }

private:
  struct slot {
    gateway::entry_ptr made;
    bool is_used = false;
  };
  struct table {
    std::list<slot> by_use;
    std::unordered_map<gateway::cache_key, typename std::list<slot>::iterator, gateway::cache_key_hash> by_key;
  };
  gateway::sharded<table> tables_{gateway::table_count(room)};
};

// The limit: a find writes to nothing, and so nothing can ever be replaced.
class read_only {
public:
  static constexpr const char* name = "nothing written (the limit)";
  using place = no_place;
  [[nodiscard]] static place join() { return {}; }
  static void sweep(const gateway::instant&) {}
  [[nodiscard]] const gateway::entry* find(const gateway::cache_key& key, const gateway::instant&, place&) const {
    const auto at = by_key_.find(key);
    return at == by_key_.end() ? nullptr : at->second.get();
  }
  void keep(const summary& one) { by_key_.emplace(one.key, one.made); }

private:
  std::unordered_map<gateway::cache_key, gateway::entry_ptr, gateway::cache_key_hash> by_key_;
};

}  // namespace bench
