#include "core/telemetry/hop_ledger.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace gateway {
namespace {

struct hop_row {
  std::string_view name;
  hop_side side;
  std::string_view prose;
};

constexpr std::array<hop_row, hop_count> hop_rows{{
    {"read", hop_side::client, "receiving the rest of a request that arrived in parts"},
    {"authorise", hop_side::gateway, "checking a credential that is new on this connection"},
    {"lookup", hop_side::gateway, "parsing the request, searching the cache and building the answer"},
    {"flight_wait", hop_side::waiting, "waiting for a fetch that another request had started"},
    {"fleet", hop_side::waiting, "asking the fleet's engine, and waiting for a fetch of another replica"},
    {"hold", hop_side::waiting, "held until the call is ready, as the client preferred"},
    {"budget_wait", hop_side::waiting, "waiting for a permit to go upstream"},
    {"resolve", hop_side::upstream, "resolving the upstream's name"},
    {"connect", hop_side::upstream, "connecting to the upstream, or to the egress proxy"},
    {"egress", hop_side::upstream, "waiting for the egress proxy to open a tunnel to the upstream"},
    {"tls_handshake", hop_side::upstream, "the TLS handshake with the upstream"},
    {"send", hop_side::upstream, "sending the request upstream"},
    {"first_byte", hop_side::upstream, "waiting for the upstream's first byte"},
    {"body", hop_side::upstream, "receiving the rest of the upstream's answer"},
    {"inspect", hop_side::gateway, "parsing and judging the upstream's answer"},
    {"store", hop_side::gateway, "preparing the answer and storing it in the cache"},
    {"write", hop_side::client, "writing the answer to the client"},
}};

}  // namespace

std::string_view name_of(hop_side side) {
  static constexpr std::array<std::string_view, 4> names{"client", "gateway", "waiting", "upstream"};
  return names[static_cast<std::size_t>(side)];
}

std::string_view name_of(hop h) { return hop_rows[static_cast<std::size_t>(h)].name; }
hop_side side_of(hop h) { return hop_rows[static_cast<std::size_t>(h)].side; }
std::string_view prose_of(hop h) { return hop_rows[static_cast<std::size_t>(h)].prose; }

void hop_ledger::adopt(const hop_ledger& theirs) {
  auto& waited = spent_[index(hop::flight_wait)];
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const share = std::min(theirs.spent_[i], waited);  // at most the time that this request waited, so that the total stays the same
    waited -= share;
    spent_[i] += share;
  }
}

std::chrono::nanoseconds hop_ledger::total() const { return std::accumulate(spent_.begin(), spent_.end(), std::chrono::nanoseconds{}); }

std::chrono::nanoseconds hop_ledger::overhead() const {
  std::chrono::nanoseconds sum{};
  for (std::size_t i = 0; i < hop_count; ++i) {
    if (hop_rows[i].side == hop_side::gateway) sum += spent_[i];
  }
  return sum;
}

std::string server_timing(const hop_ledger& ledger) {
  std::string text;
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const spent = ledger.spent(static_cast<hop>(i));
    if (spent.count() == 0) continue;
    std::array<char, 64> part{};
    std::snprintf(part.data(), part.size(), "%s%.*s;dur=%.3f", text.empty() ? "" : ", ", static_cast<int>(hop_rows[i].name.size()),
                  hop_rows[i].name.data(), std::chrono::duration<double, std::milli>(spent).count());
    text += part.data();
  }
  return text;
}

}  // namespace gateway
