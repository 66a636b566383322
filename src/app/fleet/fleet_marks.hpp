// What a user of the fleet's second tier must know of the marks: erasures, refused credentials and changed calls that any replica told.
// A value in the engine carries the version of the newest mark when its fetch was claimed there. It may be used only if is_current(), if
// that version is at least newest() for its key and account, and if the engine's version at the claim is at most version(): otherwise a
// mark exists that this replica has not read yet. The real one is app/fleet/mark_exchange. Thread rule: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/cache/key.hpp"

namespace gateway {

// What became of a mark of this gateway.
enum class telling : std::uint8_t {
  waiting,  // it is being written to the engine
  pending,  // the engine does not have it yet; it is tried again until it has
  done,     // every gateway that reaches the engine applies it at once, others before they use the engine again
};

class fleet_marks {
public:
  virtual ~fleet_marks() = default;
  // Whether this replica has read all marks since it last connected to the engine, and the engine has all of this replica's.
  [[nodiscard]] virtual bool is_current() const = 0;
  // The version of the newest mark that is known here.
  [[nodiscard]] virtual std::uint64_t version() const = 0;
  // The newest mark that concerns an entry: its call, its owner, its account, or all. At least the floor: the highest version of the marks
  // that were dropped for want of room. `account`: of the entry, if it names one.
  [[nodiscard]] virtual std::uint64_t newest(const cache_key& key, const std::optional<account_sid>& account) const = 0;
  // This replica's name: 16 hexadecimal digits, random at each start.
  [[nodiscard]] virtual std::string replica() const = 0;
};

}  // namespace gateway
