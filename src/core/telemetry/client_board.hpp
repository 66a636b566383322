// Which clients cause the work: what each asks for, what that costs upstream, what it is spared, and what it asks for in vain. A fixed
// number of them per worker, the heaviest; whatever the others did stands in one row together, so that the rows always add up to
// everything. Space-saving (Metwally, Agrawal, El Abbadi, 2005): a newcomer takes the place of the lightest and inherits its weight as a
// handicap, so whoever causes more than one part in `places` is there, however many strangers come and go. Thread rule: a board is written
// by its worker and collected by anybody. The functions are pure. A hit neither allocates nor locks.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/client.hpp"
#include "core/telemetry/request_record.hpp"
#include "core/telemetry/seqlocked.hpp"

namespace gateway {

struct client_figures {
  std::uint64_t requests = 0;
  std::uint64_t hits = 0;            // answered from memory: summaries, stale ones, refusals
  std::uint64_t coalesced = 0;       // shared somebody else's upstream call
  std::uint64_t upstream_calls = 0;  // exchanges on its behalf, refreshes and repetitions included
  std::uint64_t wasted_polls = 0;    // was told what it knew: 304, or a refusal from memory, which it or its like had been told before
  std::uint64_t throttled = 0;       // got 429, ours or the upstream's

  client_figures& operator+=(const client_figures& more);
};

// What one request adds, its upstream calls apart: those are counted when they are made, since they may outlast it.
client_figures figures_of(const request_record& record);

struct client_row {
  client_name who;
  client_figures figures;
};

class client_board {
public:
  static constexpr std::size_t places = 64;  // defence: client-series

  // `hint`: where this client stood last time, kept with its connection.
  void count(const client_name& who, std::size_t& hint, const client_figures& more);
  void count_calls(const client_name& who, std::uint64_t calls);

  // Each row, and last the one without a name, of all who have none.
  void collect(std::vector<client_row>& into) const;

private:
  // An upstream call is what Twilio limits, and costs as much as some twenty hits.
  static constexpr std::uint64_t weight_of_call = 20;

  struct place {
    client_row row;
    std::uint64_t weight = 0;  // what it caused, and its handicap
  };
  std::size_t find(const client_name& who, std::size_t hint);

  std::array<place, places> mine_;                       // the worker's own
  client_figures rest_;                                  // of those who lost their place
  std::array<seqlocked<client_row>, places + 1> shown_;  // the same for others to see; the last: the rest
};

// The rows of all workers as one list, who causes most upstream calls first; beyond `most` they join the rest.
std::vector<client_row> merge_clients(const std::vector<client_row>& rows, std::size_t most);

// A JSON list; the rest comes last, as "other", if there is any.
std::string clients_json(std::span<const client_row> rows);

}  // namespace gateway
