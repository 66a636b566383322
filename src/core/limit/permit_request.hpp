// A request for permission to make one exchange with the upstream: the requester, the deadline, and what the limiter decided.
// Thread rule: protected by the lock around the limiter that it was given to.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/auth/client_share.hpp"
#include "core/base/fault.hpp"
#include "core/base/time.hpp"
#include "core/limit/fair_queue.hpp"
#include "core/request/route.hpp"

namespace gateway {

// The party on whose behalf an exchange is made. All but the flags and `what` are keyed hashes.
struct requester {
  std::uint64_t account = 0;     // its limit applies, once the credential is proved
  std::uint64_t client = 0;      // clients of one account share fairly, in proportion to their weights
  std::uint64_t credential = 0;  // sent to the upstream
  std::uint64_t address = 0;     // an IPv4 address, an IPv6 /64 or the user of a unix socket
  std::uint64_t network = 0;     // the same, but with an IPv6 /48
  bool proved = true;            // the upstream has accepted the credential before
  bool guest = false;            // an unnamed client where others are named; it uses the gateway's credential
  resource what = resource::summary;
  std::uint64_t named = 0;  // the client in the settings, wherever it connects from: its exchanges are counted; 0: it has no name there
  client_share share{};
  bool raised = false;  // its class is interactive whatever its client's is, because others than that client wait for it, too

  // Unproved requests wait in queues of their own and never compete with proved ones.
  [[nodiscard]] bool is_unproved() const { return !proved || guest; }
};

// The kinds of resources: each has a queue and a breaker of its own.
inline constexpr std::size_t resource_count = static_cast<std::size_t>(resource::none);

// Why the limiter refused a permit.
enum class shed_reason : std::uint8_t {
  busy,          // no permit was free in time
  queue_full,    // too many requests wait, and this one is the last in the order in which they are shed
  cooling_down,  // the pause that the upstream asked for lasts longer than this request can wait
  failing,       // the breaker is open: the upstream failed several times in a row
  paused,        // an operator lets nothing pass for now
};
inline constexpr std::size_t shed_reason_count = 5;
std::string_view name_of(shed_reason why);

// The outcome of an exchange, as far as it matters for the next ones.
enum class exchange_outcome : std::uint8_t {
  unknown,      // never sent, or abandoned by this gateway
  accepted,     // the upstream processed it, whatever the answer was
  throttled,    // 429: the upstream did not process it
  failed,       // 5xx, silence, a broken connection
  unreachable,  // no connection was possible: a failure of the host for all requesters
};

struct exchange_feedback {
  // What the answer says about the credential.
  enum class credential : std::uint8_t { unknown, accepted, refused };

  exchange_outcome is = exchange_outcome::unknown;
  std::optional<fault> cause{};                  // failed, unreachable: for operators
  std::chrono::nanoseconds retry_after{0};       // throttled, failed: the pause that the upstream asked for
  std::optional<std::uint64_t> reported_load{};  // Twilio-Concurrent-Requests
  credential who = credential::unknown;
};

struct permit_request : fair_queue::entry {
  // Waiting and the exchange must have ended at `must_end`; the exchange alone may take `exchange`.
  permit_request(const requester& whose, mono_time must_end, std::chrono::nanoseconds exchange)
      : entry(whose.client, whose.share.weight), who(whose), timeout(exchange), until(must_end) {}
  virtual ~permit_request() = default;

  // Wakes the task that waits for this permit. It is called without the lock; for a request of core alone, no task waits.
  virtual void wake() {}

  requester who;
  const std::chrono::nanoseconds timeout;
  mono_time until;     // later if a requester joins that came later
  mono_time latest{};  // a permit after this moment leaves too little time for the exchange
  enum class state : std::uint8_t { waiting, granted, shed } is = state::waiting;
  shed_reason why = shed_reason::busy;   // shed
  bool abandoned = false;                // no client waits: it will not be sent
  std::chrono::nanoseconds retry_in{0};  // shed: the time until another attempt makes sense
  std::uint64_t number = 0;              // granted: in the order of sending
  std::uint64_t in_flight = 0;           // granted: exchanges of its account, this one included; in a fleet, those of all gateways
  std::uint64_t epoch = 0;               // granted with a slot of the fleet: the epoch of its limit
  mono_time granted_at{};
  bool in_unproved_queue = false;   // it waits, or was granted, in an unproved queue
  bool under_way = false;           // granted, and its exchange has not ended
  bool detached = false;            // under way: it goes on, but no client waits for it
  bool can_be_left_undone = false;  // it waits for a spare slot of the fleet
  bool probes_host = false;
  bool probes_cool_down = false;
  bool probes_pause = false;
  bool probes_breaker = false;
};
using permit_request_ptr = std::shared_ptr<permit_request>;

// The requests whose tasks must be woken: they were granted or shed, or must recheck at another time.
using wake_list = std::vector<permit_request_ptr>;

}  // namespace gateway
