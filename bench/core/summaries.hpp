// The material of the micro benchmarks: requests as the load bench sends them, and a store filled with the summaries they ask for,
// made by the gateway's own miss path from an invented upstream answer of 4 KB.
#pragma once

#include <string>
#include <vector>

#include "core/auth/partition.hpp"
#include "core/cache/key.hpp"
#include "core/cache/store.hpp"
#include "core/request/summary_request.hpp"
#include "core/upstream/answer.hpp"

namespace bench {

// Any moment will do: every decision takes it as an argument.
inline constexpr gateway::mono_time stored_at{std::chrono::hours{1}};
inline constexpr gateway::wall_time stored_on{std::chrono::hours{1}};
inline constexpr gateway::instant now{stored_at + std::chrono::minutes{1}, stored_on + std::chrono::minutes{1}};

inline constexpr gateway::fingerprint_key credential_key{std::byte{1}};
inline constexpr gateway::short_hash_key table_key{std::byte{2}};

std::vector<std::string> requests(std::size_t keys);

gateway::upstream_answer answer_about(const gateway::call_sid& call);

// The parts of a request that a hit needs.
struct wanted {
  gateway::partition owner;
  gateway::summary_request request;
};
wanted read(const std::string& request);

gateway::lru_store store_of(const std::vector<std::string>& requests);

}  // namespace bench
