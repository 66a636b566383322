#include "app/request/stored_answer.hpp"

#include "core/cache/freshness.hpp"
#include "core/cache/lookup.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

std::optional<fetch_result> find_stored(worker& at, authorized_cache& visible, const pending_writes& writes, const fetch_order& order) {
  if (order.is_bypass()) return std::nullopt;
  auto const moment = at.date.instant_at(mono_now());
  auto const found = find_beside_writes(visible, writes, order.key, moment);
  if (decide(found, order.state, {}, moment, at.config.cache.freshness).is != lookup::hit) return std::nullopt;
  if (found.stored->asked_at < order.since) return std::nullopt;
  fetch_result result;
  result.is = fetch_result::ending::found;
  result.answer.made = found.stored.share();
  result.wakes = woken_by(found.stored->kind);
  return result;
}

}  // namespace gateway
