// What a fetch does for a call whose summary may not be ready: the question that it asks, and what the answer means for the next look.
// Thread rule: one per worker, used on its thread.
#pragma once

#include <optional>

#include "app/request/fetch_order.hpp"
#include "app/state/polled_calls.hpp"
#include "core/cache/freshness.hpp"
#include "core/upstream/verdict.hpp"
#include "io/runtime/clock.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

class looks {
public:
  looks(worker& at, polled_calls& polled) : at_(at), polled_(polled) {}

  // Set: the look asks for a partial, and gives this answer to those who want the complete summary if it gets one.
  [[nodiscard]] std::optional<not_ready_answer> stand_in(const fetch_order& order, const instant& now) const;
  // Whether the upstream refuses that question, or answers it with something unclear, where it would have answered the plain one. Then no
  // look at the call asks it again.
  bool is_refused(const fetch_order& order, const verdict& meaning, const instant& now);
  // Then what is known is given, if the plain question cannot follow at once.
  [[nodiscard]] fetch_result known_instead(const fetch_order& order, const not_ready_answer& known, upstream_answer& unclear,
                                           not_stored why_not, mono_time asked_at) const;
  [[nodiscard]] fetch_result result_of(const fetch_order& order, const upstream_answer& answer, const verdict& meaning,
                                       mono_time asked_at) const;
  // Notes what the answer says of the call. A partial that only the look asked for becomes the stand-in.
  void note(const fetch_order& order, const std::optional<not_ready_answer>& stand_in, upstream_answer& answer, verdict& meaning,
            mono_time asked_at, const instant& now);
  // The same for a "not ready" that another replica of the fleet got.
  void note_shared(const cache_key& key, const upstream_answer& answer, const verdict& meaning, mono_time asked_at, const instant& came);

  // Whether what was stored before answers the order. Held readers have waited for longer than a "not ready" that leaves a look due.
  [[nodiscard]] bool answers(const fetch_order& order, answer_kind stored) const;
  // Whether the upstream has a partial, so that its "not ready" says nothing to readers that take one.
  [[nodiscard]] bool has_partial(const cache_key& key) const { return polled_.has_partial(key, now()); }

  // The policy by which the answer is stored: "not ready" stays until the next look.
  [[nodiscard]] freshness_policy policy_for(const cache_key& key, const verdict& meaning, const instant& now) const;

private:
  void count(look_result what) { at_.counters.looks[static_cast<std::size_t>(what)].add(); }

  worker& at_;
  polled_calls& polled_;
};

}  // namespace gateway
