// The records of erasures: what an operator can show later, without the number that was erased. The last ones are kept, and written beside
// the snapshot, one JSON object a line.
// Thread rule: none of its own. Time rule: moments are arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace gateway {

struct erasure_record {
  // What became of a copy outside memory.
  enum class copy : std::uint8_t {
    none,     // there is no such place
    pending,  // it may still be there
    gone,
  };
  // complete: nothing of it is kept. incomplete: something has not confirmed in time that it is gone; it may still come.
  enum class state : std::uint8_t { running, complete, incomplete };

  std::uint64_t number = 0;
  std::string hash;  // of the erased number, keyed: 32 hexadecimal digits
  wall_time at{};    // whole seconds
  state is = state::running;
  std::uint64_t memory = 0;     // answers that were kept here
  std::uint64_t others = 0;     // answers that other gateways kept
  std::uint64_t under_way = 0;  // answers that came later, and were not stored here
  bool is_walked = false;       // the memory of this gateway
  copy snapshot = copy::none;
  copy tier = copy::none;                // what the fleet's engine has
  std::vector<std::string> confirmed{};  // gateways of the fleet
  std::vector<std::string> unconfirmed{};

  [[nodiscard]] bool is_complete() const { return is_walked && snapshot != copy::pending && tier != copy::pending && unconfirmed.empty(); }
  // That gateway has erased what it kept: so many answers. False: it was not waited for.
  bool confirm(std::string_view gateway, std::uint64_t taken);
};

// As JSON, in one line.
std::string json_of(const erasure_record& one);

class erasure_log {
public:
  static constexpr std::size_t most = 256;
  // Names of gateways that a record keeps.
  static constexpr std::size_t most_gateways = 256;
  static constexpr std::size_t longest = 4 * 1024 * 1024;  // of the text

  // The oldest one leaves when there is no room.
  erasure_record& begin(std::string hash, wall_time at);
  // The number of the newest one; 0: there was none.
  [[nodiscard]] std::uint64_t last() const { return last_; }
  // Null: it has left, or never was.
  [[nodiscard]] erasure_record* find(std::uint64_t number);
  // The newest first.
  [[nodiscard]] const std::deque<erasure_record>& all() const { return all_; }

  // For the file. What did not end before the process ended is incomplete. A line that is no record is left out.
  [[nodiscard]] std::string text() const;
  static erasure_log parse(std::string_view text);

private:
  std::deque<erasure_record> all_;
  std::uint64_t last_ = 0;
};

// For GET /api/erasures.
std::string json_of(const erasure_log& log, bool is_kept);

}  // namespace gateway
