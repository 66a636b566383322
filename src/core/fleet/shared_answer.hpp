// An upstream answer as replicas share it: the whole answer, and when it was asked for and came. The replica that reads it judges it as if
// Twilio had just sent it, so nothing about it is believed because another replica said so.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

struct shared_answer {
  std::uint64_t version = 0;  // of the newest mark when its fetch was claimed
  wall_time asked_at{};       // by the engine's clock, which all replicas share
  wall_time came_at{};
  bool has_partial = false;  // a "not ready" beside which the upstream had a partial
  upstream_answer answer;
};

// A larger answer is not shared: one command must not fill the connection to the engine.
inline constexpr std::size_t max_shared_body = 512 * 1024;

std::string pack(std::uint64_t version, wall_time asked_at, wall_time came_at, const upstream_answer& answer, bool has_partial = false);
// nullopt: another format, or damaged.
std::optional<shared_answer> unpack(std::string plain);

// When the answer was asked for and came, by this machine's clocks. The engine may be wrong about the time: an age is never negative, nor
// longer than a record can live.
struct arrival {
  mono_time asked_at{};
  instant came;
};
arrival arrival_of(const shared_answer& one, wall_time engine_now, const instant& now);

}  // namespace gateway
