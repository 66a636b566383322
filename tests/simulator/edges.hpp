#pragma once
// The larger objects inside a summary: who talked, what each media edge measured, how the call went.
#include <cstdint>
#include <string_view>

#include "calls.hpp"
#include "dice.hpp"
#include "json_text.hpp"

namespace simulator {

struct edge_request {
  std::string_view name;
  bool latency_and_variation = false;
  bool both_directions = true;
  std::int64_t seconds = 0;
};

void write_party(json_text& json, std::string_view key, call_shape shape, bool with_sdk, dice chance);
void write_media_edge(json_text& json, const edge_request& request, dice chance);
void write_sdk_edge(json_text& json, dice chance);
void write_agent_sessions(json_text& json, dice chance);
void write_properties(json_text& json, dice chance, life when);
void write_trust(json_text& json, dice chance);

}  // namespace simulator
