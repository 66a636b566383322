// Which fields of an upstream answer clients get: an allow-list with a reason for each name. A name without a row is not sent on, unless
// the setting upstream.answer_fields adds it.
// Thread rule: constants, pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateway {

enum class field_use : std::uint8_t {
  everyone,     // all clients get it, also with a hit
  waiting,      // the clients that waited for this answer get it: it describes one request
  exact_bytes,  // it describes the body, so it stands only on exactly these bytes
  connection,   // hop-by-hop: it ends here
  ours,         // the gateway says this itself, or not at all
  nobody,       // no client gets it, and no setting can change that
  unless_added  // no client gets it, unless the setting adds it
};

constexpr bool reaches_clients(field_use use) { return use <= field_use::exact_bytes; }

struct field_row {
  std::string_view name;  // in lower case; with * at its end: all names that begin so
  field_use use;
  std::string_view reason;
};
std::span<const field_row> field_table();

// The row for a name, in any case of letters; nullptr if there is none. A whole name comes before a family.
const field_row* field_row_of(std::string_view name);

// Why upstream.answer_fields cannot add this name; nothing if it can.
std::optional<std::string> why_not_added(std::string_view name);

}  // namespace gateway
