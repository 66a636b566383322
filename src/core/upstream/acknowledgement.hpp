// How long the bytes of a request may stay unacknowledged before its connection counts as dead. A firewall or a failover drops the packets
// of old connections without a word, while new connections work. TCP acknowledges within a round trip, however slow the server is; so
// silence of the network is told from silence of the server.
// Source: RFC 6298 §2 (retransmission time-out from the smoothed round trip and its variation), Linux's minimum of 200 ms.
// Thread rule: pure functions.
#pragma once

#include "core/base/time.hpp"

namespace gateway {

// What the kernel knows of a connection.
struct delivery {
  bool unacknowledged = false;  // bytes that were sent, or wait to be sent
  std::chrono::nanoseconds round_trip{0};
  std::chrono::nanoseconds variation{0};
};

// When to ask the kernel for the first time: most exchanges have ended by then. `longest`: the time limit of a connection attempt, since
// it is not worth more to save the old connection than to open another one.
mono_time first_look(mono_time sent, std::chrono::nanoseconds longest);

// When the bytes must be acknowledged: two retransmissions have been lost by then.
mono_time acknowledged_by(mono_time sent, const delivery& seen, std::chrono::nanoseconds longest);

}  // namespace gateway
