#include "app/request/call_watch.hpp"

#include "io/runtime/clock.hpp"

namespace gateway {

void call_watch::start(std::shared_ptr<held_call> call, principal asks, const requester& who) {
  // Readers of any class may be held for the same call.
  auto asker = who;
  asker.raised = true;  // defence: looks-are-interactive
  at_.start_task("watch", run(std::move(call), std::move(asks), asker));
}

task<void> call_watch::run(std::shared_ptr<held_call> call, principal asks, requester who) {
  look_pace pace{mono_now()};
  while (!held_.has_ended(*call)) {
    auto const due = pace.due(schedule_.next_look(call->key, now()), at_.config.cache.freshness.not_ready_for);
    if (mono_now() < due) {
      co_await call->wakes->sleep_until(due);
      continue;
    }
    // A look serves all readers of the call: the first of their clients that has a call left pays for it.
    auto payer = held_.find_payer(*call, [this](std::string_view client) { return fetches_.may_pay(client); });
    if (!payer) {
      pace.looked(mono_now(), at_.config.cache.freshness.not_ready_for);
      continue;
    }
    asks.payer = std::move(*payer);  // defence: quota-of-other-reader
    auto looking = look(*call, asks, who, pace.gives_way());
    auto const result = co_await std::move(looking);
    if (result && result->why == fault::quota_exhausted) {
      pace.looked(mono_now(), look_pace::pause);
    } else if (result && result->is == fetch_result::ending::abandoned) {
      pace.denied(mono_now());
    } else {
      pace.looked(mono_now(), wait_after(result));
    }
  }
}

task<fetch_result_ptr> call_watch::look(const held_call& call, const principal& asks, const requester& who, bool gives_way) {
  // One question for all readers: while no partial is known, it is for a partial, which also says whether the summary is complete.
  auto const state = processing_state::absent;
  auto const timeout = fetches_.timeout();
  auto const now = mono_now();
  auto joined = fetches_.join(call.key, state, true, who, now + timeout);
  if (joined.lead) {
    auto const purpose = gives_way ? fetch_purpose::refresh : fetch_purpose::revalidate;
    fetch_order order{call.key, state, asks, who, purpose};
    order.is_look = true;
    order.wants_partial = held_.takes_partial(call);
    fetches_.run(std::move(*joined.lead), std::move(order));
  }
  // Its leader ends it sooner: after the permit, the exchange has its full time, twice if a reader joins.
  auto const result = co_await flight::wait(joined.joined, at_.get_executor(), now + 4 * timeout);
  co_return result;
}

std::chrono::nanoseconds call_watch::wait_after(const fetch_result_ptr& result) const {
  if (result && result->is == fetch_result::ending::answered) return {};  // the schedule knows of it
  std::chrono::nanoseconds const asked_for = result ? result->detail.retry_after : std::chrono::seconds{0};
  bool const was_asked = !result || result->was_asked();
  return std::max<std::chrono::nanoseconds>(
      {asked_for, look_pace::pause, was_asked ? at_.config.cache.freshness.not_ready_for : look_pace::pause});
}

}  // namespace gateway
