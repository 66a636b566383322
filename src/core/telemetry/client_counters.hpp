// Which clients cause the load: their requests, their upstream calls, the calls that the cache saved, and the requests that were in vain.
// Each worker counts a fixed number of clients, the heaviest; all others share one row, so the rows always add up to the total.
// Space-saving (Metwally, Agrawal, El Abbadi, 2005): a newcomer takes the place of the lightest client and inherits its weight as a
// handicap. So a client that causes more than one part in `places` always has a row, however many other clients come and go.
// Thread rule: written by one worker, collected by any thread. A hit neither allocates nor locks.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/client.hpp"
#include "core/base/time.hpp"
#include "core/telemetry/client_standing.hpp"
#include "core/telemetry/request_record.hpp"
#include "core/telemetry/seqlocked.hpp"

namespace gateway {

class client_rates;

struct client_figures {
  std::uint64_t requests = 0;
  std::uint64_t hits = 0;            // answered from the cache: summaries, stale ones, refusals
  std::uint64_t coalesced = 0;       // shared the upstream call of another request
  std::uint64_t upstream_calls = 0;  // exchanges on its behalf, including refreshes and repetitions
  std::uint64_t wasted_polls =
      0;  // brought nothing new: a 304, or a refusal from memory that this client or a similar one had received before
  std::uint64_t throttled = 0;  // got a 429, from the gateway or the upstream
  std::uint64_t status_4xx = 0;
  std::uint64_t status_5xx = 0;

  client_figures& operator+=(const client_figures& more);
};

// What one request adds, except for its upstream calls: those are counted when they are made, because they may outlast the request.
client_figures figures_of(const request_record& record);

struct client_row {
  client_name who;
  client_figures figures;
};

class client_counters {
public:
  static constexpr std::size_t places = 64;  // defence: client-series

  // `hint`: this client's last position, stored with its connection.
  void count(const client_name& who, std::size_t& hint, const client_figures& more);
  void count_calls(const client_name& who, std::uint64_t calls);

  // Collects each row, and last the nameless one of all other clients.
  void collect(std::vector<client_row>& into) const;

private:
  // Twilio limits upstream calls, and a call costs as much as about twenty hits.
  static constexpr std::uint64_t weight_of_call = 20;

  struct place {
    client_row row;
    std::uint64_t weight = 0;  // what it caused, plus its handicap
  };
  std::size_t find(const client_name& who, std::size_t hint);

  std::array<place, places> mine_;                       // the worker's own
  client_figures rest_;                                  // of clients that lost their place
  std::array<seqlocked<client_row>, places + 1> shown_;  // the same for readers; the last: the rest
};

// The rows of all workers as one list, the clients with the most upstream calls first; those beyond `most` are added to the rest.
std::vector<client_row> merge_clients(const std::vector<client_row>& rows, std::size_t most);

// A JSON list. The rest comes last, as "other", if there is any. `named`: the clients of the settings.
std::string clients_json(std::span<const client_row> rows, const client_rates& rates, mono_time now, const client_standings& named = {});

}  // namespace gateway
