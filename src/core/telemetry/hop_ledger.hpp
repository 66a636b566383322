// Where one request's time went: disjoint hops that sum to its duration by construction, since each moment belongs to exactly one.
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
  read,           // the rest of a request that did not come at once
  authorise,      // whom a credential proves that this connection has not just shown
  lookup,         // parsing, cache look-up and building the answer
  flight_wait,    // waiting for a fetch that somebody else pays for
  budget_wait,    // waiting for a turn upstream
  resolve,        // DNS
  connect,        // TCP
  tls_handshake,  // TLS
  send,           // request to the upstream
  first_byte,     // until the upstream's answer begins
  body,           // until it ends
  inspect,        // parsing and judging it
  store,          // serialising and filing it
  write,          // answer to the client
};
inline constexpr std::size_t hop_count = 14;
std::string_view name_of(hop h);
std::string_view prose_of(hop h);

// Whose time it is.
enum class hop_side : std::uint8_t {
  client,    // its bytes come or go
  gateway,   // ours: what it costs that we are there
  waiting,   // for somebody else's fetch, or for a turn
  upstream,  // and the way to it
};
std::string_view name_of(hop_side side);
hop_side side_of(hop h);

class hop_ledger {
public:
  hop_ledger() = default;
  hop_ledger(hop first, mono_time started) : since_(started), current_(first) {}

  // The time up to `now` belongs to the hop that was current; from here on it belongs to `next`.
  void enter(hop next, mono_time now) {
    assert(now >= since_ && "our own clock readings, in order");
    spent_[index(current_)] += now - since_;
    since_ = now;
    current_ = next;
  }
  void stop(mono_time now) { enter(current_, now); }

  // Takes over what a fetch spent on our behalf: `theirs` out of the time that we booked as flight_wait.
  void adopt(const hop_ledger& theirs);

  [[nodiscard]] std::chrono::nanoseconds spent(hop h) const { return spent_[index(h)]; }
  [[nodiscard]] std::chrono::nanoseconds total() const;
  // The gateway's own part of it.
  [[nodiscard]] std::chrono::nanoseconds overhead() const;
  // Up to when it tells.
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
