#include "app/waiting.hpp"

#include "core/base/text.hpp"

namespace gateway {
namespace {

upstream_result result_of(const verdict& meaning) { return static_cast<upstream_result>(meaning.is); }
static_assert(static_cast<std::size_t>(upstream_result::broken) == static_cast<std::size_t>(verdict_kind::broken),
              "the first results are the verdicts");

upstream_result result_of(fault why) {
  switch (why) {
    case fault::upstream_timeout:
      return upstream_result::timeout;
    case fault::upstream_unreachable:
      return upstream_result::unreachable;
    case fault::upstream_tls:
      return upstream_result::tls;
    default:
      return upstream_result::broken;
  }
}

}  // namespace

void count_exchange(worker& at, fault failed) { at.counters.upstream[static_cast<std::size_t>(result_of(failed))].add(); }

void count_exchange(worker& at, shared_state& shared, const verdict& meaning, const upstream_answer& answer) {
  at.counters.upstream[static_cast<std::size_t>(result_of(meaning))].add();
  if (auto const load = parse_decimal(answer.field("twilio-concurrent-requests")))
    shared.reported_concurrency.store(*load, std::memory_order_relaxed);
}

}  // namespace gateway
