// What the shadow sees of a request for a summary, or of a fetch that has ended: keyed hashes, moments and a size. No SID, no credential
// and no body is in it.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/cache/entry.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

// What is known of an answer that is or could be stored.
struct sized_answer {
  answer_kind kind = answer_kind::complete;
  bool ask_first = false;
  std::uint32_t cost = 0;  // by lru_store::cost_of
  mono_time stored_at{};
  mono_time gone_at{};
  std::chrono::nanoseconds fresh_at_most = std::chrono::nanoseconds::max();
};

struct sighting {
  enum class event : std::uint8_t {
    answered,  // the cache answered a request with `answer`
    missed,    // a request went to the upstream, or joined one that did
    stored,    // a fetch brought `answer`, which is stored
    unstored,  // a fetch brought nothing to store
    refused,   // the same, because the upstream refused the credential
  };

  std::uint64_t call = 0;   // cache_key::call_bits
  std::uint64_t owner = 0;  // bits of the asking credential's partition
  std::uint64_t place = 0;  // bits of the partition in which the answer is, with the sharing in force
  std::uint64_t all = 0;    // stored: those of the partition that would hold it with sharing: grants; 0: unknown, or none
  mono_time at{};
  sized_answer answer;
  event is = event::missed;
  processing_state state = processing_state::absent;
  bool wants_newer = false;  // the client demands a newer answer than the stored one
  bool is_old = false;       // a purge, a change or a newer answer has made the stored one old
};

}  // namespace gateway
