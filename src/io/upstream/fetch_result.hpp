// The result of one fetch, the same for every request that waited for it.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <memory>

#include "core/polling/woken_readers.hpp"
#include "core/reply/reply.hpp"
#include "core/telemetry/hop_ledger.hpp"
#include "core/upstream/answer_room.hpp"
#include "core/upstream/remember.hpp"

namespace gateway {

struct fetch_result {
  enum class ending : std::uint8_t {
    answered,   // the upstream answered; `answer` says whether the answer was stored
    found,      // another fetch had stored the answer in the meantime
    throttled,  // the upstream refused: its answer is about its load, not about the call
    failed,     // the upstream was asked, but gave no usable answer: `why`
    shed,       // the upstream was not asked: `why`
    abandoned,  // the upstream was not asked, because no request waited any more
  } is = ending::failed;
  fault why = fault::internal;
  fault_detail detail;
  remembered answer;                          // for the first three
  std::shared_ptr<const answer_room> room{};  // the memory of a large answer
  hop_ledger hops;
  bool by_fleet = false;                      // found: another replica stored it
  unsigned retries = 0;                       // exchanges that were repeated
  woken_readers wakes = woken_readers::none;  // for readers that are held for the call
  bool token_ended = false;                   // failed: the upstream refused an OAuth token, and another one may come soon
  bool about_leader = false;                  // it may concern the request that started the fetch alone: its proxies, its client's quota

  static fetch_result failure(fault why) {
    fetch_result made;
    made.why = why;
    return made;
  }

  [[nodiscard]] bool has_answer() const { return is < ending::failed; }
  [[nodiscard]] bool was_asked() const { return is < ending::shed && is != ending::found; }
  [[nodiscard]] bool is_stored() const { return answer.is_stored(); }
  // The requests that started the fetch ran out of time or quota, or looped. This says nothing about requests that joined later.
  [[nodiscard]] bool is_end_of_others() const {
    return about_leader || is == ending::abandoned || (is == ending::failed && why == fault::upstream_timeout);
  }
};
using fetch_result_ptr = std::shared_ptr<const fetch_result>;

}  // namespace gateway
