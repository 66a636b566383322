// One exchange with the upstream as the limiter sees it: on whose behalf, until when, and what became of it.
// Thread rule: protected by the lock of the shield that knows it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/limit/fair_queue.hpp"
#include "core/request/route.hpp"

namespace gateway {

// Whom an exchange counts against. All but the flags and `what` are keyed hashes.
struct requester {
  std::uint64_t account = 0;     // whose limit it takes from, once the credential is proved
  std::uint64_t client = 0;      // with whom it is fair within the account
  std::uint64_t credential = 0;  // that the upstream is asked with
  std::uint64_t address = 0;     // an IPv4 address, an IPv6 /64 or a unix socket's user
  std::uint64_t network = 0;     // the same, but an IPv6 /48
  bool proved = true;            // the upstream has accepted the credential before
  bool guest = false;            // nothing tells who it is, while others can be told; the credential is ours
  resource what = resource::summary;

  // What is unproved never competes with what is proved: it waits in lines of its own.
  [[nodiscard]] bool is_unproved() const { return !proved || guest; }
};

// The kinds of resources: each is judged, and queued, by itself.
inline constexpr std::size_t resource_count = static_cast<std::size_t>(resource::none);

// Why a request was not even sent.
enum class shed_reason : std::uint8_t {
  busy,          // no turn came in time
  queue_full,    // too many waited already, and of no client more than of this one
  cooling_down,  // the upstream refused with 429 and asked to be left alone for longer than this request can wait
  failing,       // the upstream failed so often in a row that it is asked by one probe at a time only
};
inline constexpr std::size_t shed_reason_count = 4;
std::string_view name_of(shed_reason why);

// What came of an exchange, as far as the next ones should know.
enum class exchange_outcome : std::uint8_t {
  unknown,      // never sent, or given up by us
  accepted,     // the upstream worked on it, whatever it said
  throttled,    // 429: it did not
  failed,       // 5xx, silence, a broken connection
  unreachable,  // no connection at all: the host's trouble, whoever asks
};

struct exchange_feedback {
  // What the answer says about the credential that asked.
  enum class credential : std::uint8_t { unknown, accepted, refused };

  exchange_outcome is = exchange_outcome::unknown;
  std::chrono::nanoseconds retry_after{0};       // throttled: what the upstream asked for
  std::optional<std::uint64_t> reported_load{};  // Twilio-Concurrent-Requests
  credential who = credential::unknown;
};

struct permit_request : fair_queue::entry {
  // All of it must have ended at `must_end`, waiting included; an exchange may take `exchange`.
  permit_request(const requester& whose, mono_time must_end, std::chrono::nanoseconds exchange)
      : entry(whose.client), who(whose), timeout(exchange), until(must_end) {}
  virtual ~permit_request() = default;

  // Lets the task that waits for this permit look at it again. Called without the limiter's lock; no task waits for a plain request.
  virtual void wake() {}

  requester who;
  const std::chrono::nanoseconds timeout;
  mono_time until;     // later once somebody joins who came later
  mono_time latest{};  // a turn that comes later is of no use; the shield knows how long an exchange takes
  enum class state : std::uint8_t { waiting, granted, shed } is = state::waiting;
  shed_reason why = shed_reason::busy;   // shed
  bool abandoned = false;                // nobody waits for it: it is not sent any more
  std::chrono::nanoseconds retry_in{0};  // shed: when another attempt makes sense
  std::uint64_t number = 0;              // granted: in the order of sending
  std::uint64_t in_flight = 0;           // granted: of its account, itself included
  mono_time granted_at{};
  bool in_unproved_queue = false;  // waits, or was granted, there
  bool detached = false;           // granted: goes on though nobody waits for it
  bool probes_host = false;
  bool probes_cool_down = false;
  bool probes_breaker = false;
};
using permit_request_ptr = std::shared_ptr<permit_request>;

// The requests whose tasks have to look again: granted, shed, or with another time at which to look.
using wake_list = std::vector<permit_request_ptr>;

}  // namespace gateway
