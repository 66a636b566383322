// Holds readers of what is not ready (Prefer: wait=N), until an answer comes for them or their time is up. A held reader has no place among
// the requests that wait for the upstream.
// Thread rule: one per worker, used on its thread.
#pragma once

#include "app/request/call_watch.hpp"
#include "app/request/pending_summary.hpp"
#include "app/request/request_gate.hpp"
#include "app/request/responder.hpp"
#include "app/request/waiting.hpp"

namespace gateway {

class hold_service {
public:
  hold_service(worker& at, fetch_runner& fetches, const fetch_parts& fetching, const waiting_parts& waiting, const std::string& via,
               request_gate& gate, const responder& answers)
      : at_(at),
        parts_(fetching),
        waiting_(waiting),
        via_(via),
        gate_(gate),
        answers_(answers),
        watches_(at, fetches, fetching.polled, fetching.held),
        lane_(at.get_executor()) {}

  // Whether the reader is held instead of getting `said`. Then it has a place, and hold() must be called.
  bool takes(pending_summary& what, const entry_ref& said, exchange& one);
  // `what` must outlive the task. Ends with an answer.
  task<void> hold(pending_summary& what, exchange& one);

private:
  [[nodiscard]] bool came_meanwhile(const pending_summary& what, const exchange& one) const;
  hold_result give(const fetch_result_ptr& result, const pending_summary& what, exchange& one) const;
  hold_result give_present(const pending_summary& what, exchange& one) const;

  worker& at_;
  const fetch_parts& parts_;
  const waiting_parts& waiting_;
  const std::string& via_;
  request_gate& gate_;
  const responder& answers_;
  call_watch watches_;
  held_lane lane_;
};

}  // namespace gateway
