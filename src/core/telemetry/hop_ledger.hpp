// Where one request spent its time. The hops are disjoint and sum to its duration, because each moment belongs to exactly one hop.
// Thread rule: belongs to one request. Time rule: `now` is an argument and never runs backwards.
#pragma once

#include <array>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

enum class hop : std::uint8_t {
  read,           // receiving the rest of a request that came in parts
  authorise,      // checking a credential that is new on this connection
  lookup,         // parsing, cache lookup and building the answer
  flight_wait,    // waiting for a fetch that another request started
  fleet,          // asking the other replicas
  hold,           // held until the call is ready, as the client preferred
  budget_wait,    // waiting for a permit to go upstream
  resolve,        // DNS
  connect,        // TCP
  egress,         // the egress proxy's tunnel
  tls_handshake,  // TLS
  send,           // request to the upstream
  first_byte,     // waiting for the first byte of the upstream's answer
  body,           // receiving the rest of it
  inspect,        // parsing and judging it
  store,          // serialising and storing it
  write,          // writing the answer to the client
};
inline constexpr std::size_t hop_count = 17;
std::string_view name_of(hop h);
std::string_view prose_of(hop h);

// The party that a hop's time is attributed to.
enum class hop_side : std::uint8_t {
  client,    // its bytes are sent or received
  gateway,   // the overhead of the gateway
  waiting,   // for another request's fetch, or for a permit
  upstream,  // including the network to it
};
std::string_view name_of(hop_side side);
hop_side side_of(hop h);

class hop_ledger {
public:
  hop_ledger() = default;
  hop_ledger(hop first, mono_time started) : since_(started), current_(first) {}

  // The time up to `now` counts for the current hop, and from then on for `next`.
  void enter(hop next, mono_time now) {
    assert(now >= since_ && "our own clock readings, in order");
    spent_[index(current_)] += now - since_;
    since_ = now;
    current_ = next;
  }
  void stop(mono_time now) { enter(current_, now); }

  // Moves the time that a fetch spent on this request's behalf from flight_wait to the hops of `theirs`.
  void adopt(const hop_ledger& theirs);

  [[nodiscard]] std::chrono::nanoseconds spent(hop h) const { return spent_[index(h)]; }
  [[nodiscard]] std::chrono::nanoseconds total() const;
  // The part that the gateway causes.
  [[nodiscard]] std::chrono::nanoseconds overhead() const;
  // The end of the time that it covers.
  [[nodiscard]] mono_time until() const { return since_; }

private:
  static std::size_t index(hop h) { return static_cast<std::size_t>(h); }
  std::array<std::chrono::nanoseconds, hop_count> spent_{};
  mono_time since_{};
  hop current_ = hop::lookup;
};

// "lookup;dur=0.012, first_byte;dur=143.2": the value of a Server-Timing field, in milliseconds.
std::string server_timing(const hop_ledger& ledger);

}  // namespace gateway
