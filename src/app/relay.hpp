// The life of a request that is passed on: asked upstream each time, never kept, never shared with another reader. It keeps to all
// bounds of a summary's: who may ask, how often, how many at once, until when.
// Thread rule: one per worker, used on its thread; what it shares with the others is in shared_state.
#pragma once

#include <optional>
#include <string>

#include "app/front_desk.hpp"
#include "core/request/relayed_request.hpp"
#include "io/upstream/fetcher.hpp"

namespace gateway {

class relay {
public:
  relay(worker& at, answer_source& upstream, shared_state& shared, front_desk& desk)
      : at_(at), upstream_(upstream), shared_(shared), desk_(desk) {}

  // Nothing is returned when the answer stands in `out`: a refusal or a preflight.
  std::optional<relayed_request> answer_now(const route& where, const request_head& head, exchange& one, std::string& out);

  // Ends by upstream.timeout, always.
  task<void> answer_later(relayed_request asked, const request_head& head, exchange& one, std::string& out);

private:
  struct result {
    std::optional<fault> failed;  // then there is nothing in `answer`
    fault_detail detail;
    remembered answer;
  };
  result conclude(fetched got, const relayed_request& asked, const partition& owner, mono_time asked_at, upstream_turns::turn& turn);
  void deliver(const result& what, const relayed_request& asked, const request_head& head, exchange& one, std::string& out);

  worker& at_;
  answer_source& upstream_;
  shared_state& shared_;
  front_desk& desk_;
};

}  // namespace gateway
