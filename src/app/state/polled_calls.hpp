// The calls whose summary is not ready, over all workers: when each is looked at again, and what is answered until then. Lives are known
// for each partition apart, so that no credential learns from another one's looks.
// Thread rule: any thread; a mutex is held for one call's rows. Time rule: moments are arguments.
#pragma once

#include <optional>
#include <vector>

#include "app/state/sharded.hpp"
#include "core/auth/moments.hpp"
#include "core/cache/store.hpp"
#include "core/polling/life_table.hpp"

namespace gateway {

class polled_calls {
public:
  // `key`: the key of cache_key's hashes.
  polled_calls(const look_rules& rules, const short_hash_key& key);
  void set_rules(const look_rules& rules);

  // What a look brought. `asked`: when it was sent.
  void note_not_ready(const cache_key& key, const upstream_answer& said, mono_time asked, const instant& now);
  // The same of a look that another replica of the fleet made.
  void note_shared_look(const cache_key& key, const upstream_answer& said, mono_time asked, const instant& now);
  // False: no look has found the call unready, so nothing is noted.
  bool note_partial(const cache_key& key, std::optional<wall_time> end_time, mono_time asked, const instant& now);
  // The summary is complete, or will never be: nothing is looked for any more.
  bool note_ended(const cache_key& key);
  // The upstream refuses to answer a question for a partial of this call.
  void note_plain_only(const cache_key& key, const instant& now);

  // When the call is looked at again; nothing: no look has found it unready.
  [[nodiscard]] std::optional<mono_time> next_look(const cache_key& key, const instant& now) const;
  // The answer to give while only a partial exists. If there is one, a look asks for a partial: one exchange then tells whether the summary
  // is complete, and when the call ended. Once that is known, looks ask for the complete summary alone.
  [[nodiscard]] std::optional<not_ready_answer> plan_of(const cache_key& key, const instant& now) const;

  // Whether a look has found a partial, so that only the complete summary is awaited.
  [[nodiscard]] bool has_partial(const cache_key& key, const instant& now) const;

  // Whether a stored "not ready" that is given now saves a look: one would have been made each cache.not_ready_for.
  bool spares_look(const cache_key& key, mono_time now);

  // An event about the call, for all partitions that wait for it. It wakes no reader; next_look may say "now".
  void hear(const call_event& what, const instant& now);
  // Forgets what the scope may cover: of an account, all calls, because a life does not know its account.
  void purge(const purge_scope& what, mono_time now);

  // For operators: each partition's plan for one call.
  struct listed {
    partition owner;
    call_life life;
    look_plan plan;
  };
  [[nodiscard]] std::vector<listed> list(const call_sid& call, const instant& now) const;
  [[nodiscard]] std::size_t size() const { return lives_.size(); }

private:
  [[nodiscard]] bool events_arrive(const partition& owner, mono_time now) const;
  template <class Work>
  auto with(const cache_key& key, Work&& work) const {
    return lives_.with(key.call_bits(), work);
  }

  const short_hash_key key_;
  sharded<life_table> lives_;
  sharded<moments> heard_;  // by partition: the last event about a call that it waited for
};

}  // namespace gateway
