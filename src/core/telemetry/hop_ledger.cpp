#include "core/telemetry/hop_ledger.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace gateway {
namespace {

struct hop_row {
  std::string_view name;
  std::string_view prose;
};

constexpr std::array<hop_row, hop_count> rows{{
    {"read", "receiving the rest of a request that did not come at once"},
    {"authorise", "proving a credential that the connection has not just shown"},
    {"lookup", "parsing the request, looking it up and building the answer"},
    {"flight_wait", "waiting for an upstream call that another request had started"},
    {"budget_wait", "waiting for a turn upstream"},
    {"resolve", "resolving the upstream's name"},
    {"connect", "connecting to the upstream"},
    {"tls_handshake", "the TLS handshake with the upstream"},
    {"send", "sending the request upstream"},
    {"first_byte", "waiting for the upstream's first byte"},
    {"body", "receiving the rest of the upstream's answer"},
    {"inspect", "parsing and judging the upstream's answer"},
    {"store", "serialising and filing the answer"},
    {"write", "writing the answer to the client"},
}};

}  // namespace

std::string_view name_of(hop h) { return rows[static_cast<std::size_t>(h)].name; }
std::string_view prose_of(hop h) { return rows[static_cast<std::size_t>(h)].prose; }

void hop_ledger::adopt(const hop_ledger& theirs) {
  auto& waited = spent_[index(hop::flight_wait)];
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const share = std::min(theirs.spent_[i], waited);  // never more than we waited, so the sum stays
    waited -= share;
    spent_[i] += share;
  }
}

std::chrono::nanoseconds hop_ledger::total() const { return std::accumulate(spent_.begin(), spent_.end(), std::chrono::nanoseconds{}); }

std::string server_timing(const hop_ledger& ledger) {
  std::string text;
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const spent = ledger.spent(static_cast<hop>(i));
    if (spent.count() == 0) continue;
    std::array<char, 64> part{};
    std::snprintf(part.data(), part.size(), "%s%.*s;dur=%.3f", text.empty() ? "" : ", ", static_cast<int>(rows[i].name.size()),
                  rows[i].name.data(), std::chrono::duration<double, std::milli>(spent).count());
    text += part.data();
  }
  return text;
}

}  // namespace gateway
