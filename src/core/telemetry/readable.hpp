// Answers of the admin listener as text for people: members as lines, lists of objects as tables. No text in them can steer a terminal.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/base/json_reader.hpp"

namespace gateway {

// The whole answer. "" for what is no JSON.
std::string readable(std::string_view json);

// What of /api/stats tells how a gateway is: without the history and the histograms, and without faults that did not happen.
std::string readable_status(std::string_view stats);

// The entries of /api/events: a line for each, as in the log.
std::string readable_events(std::string_view events);

}  // namespace gateway
