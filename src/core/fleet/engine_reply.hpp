// A reply of the fleet's engine (Redis or Valkey), as a value (RESP2). Its size and depth were bounded when it was read.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gateway {

struct engine_reply {
  enum class kind : std::uint8_t { nil, text, integer, array, error };
  kind is = kind::nil;
  std::int64_t number = 0;          // integer
  std::string text;                 // text; or error, whose first word is the engine's code
  std::vector<engine_reply> items;  // array
};

}  // namespace gateway
