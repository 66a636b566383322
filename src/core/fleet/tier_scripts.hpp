// The scripts of the second tier. The engine has one hash per call, with these fields:
//   b:OWNER            a complete summary       n:OWNER:QUESTION   a refusal     both "UNTIL TOKEN SEALED"
//   l:OWNER:QUESTION   a lease                  "UNTIL REPLICA TOKEN"
//   e                  when the first of its summaries ends: the whole hash ends then
// Moments are the engine's, in milliseconds. Call, owner and token are hexadecimal and reveal nothing.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/fleet/engine_keys.hpp"
#include "core/fleet/engine_script.hpp"

namespace gateway {

// What a fetch asks for, by the names that the engine knows.
struct tier_question {
  tier_question(std::string call_name, std::vector<std::string> owner_names, std::string_view asked)
      : call(std::move(call_name)), owners(std::move(owner_names)), question(asked) {}

  std::string call;
  std::vector<std::string> owners;  // its own first, then those whose summaries it may see, too
  std::string_view question;
  // The message that wakes the replicas that wait for this answer.
  [[nodiscard]] std::string message() const { return "call " + call + " " + std::string{question} + " " + owners.front(); }
};

enum class claim_mode : std::uint8_t {
  share,   // takes what is stored, waits for another replica's fetch, or leads
  single,  // as share, but does not wait: flights are not shared
  lead,    // leads in any case: what is stored, or will be by an earlier leader, is not new enough
};

struct claim_terms {
  claim_mode mode = claim_mode::share;
  std::string replica;
  std::string token;                   // new for each claim: hexadecimal
  std::chrono::milliseconds lease{0};  // how long this fetch may take
  std::string unusable;                // the token of a stored answer that was looked at and is of no use
  std::string waited_for;              // the token of the lease that this fetch has waited for
};
script_call claim_call(const engine_keys& keys, const tier_question& asked, const claim_terms& terms);

// What the leader of a fetch leaves behind.
struct tier_settlement {
  struct value {
    std::string field;
    std::chrono::milliseconds lives{0};
    std::string sealed;
  };
  std::uint64_t version = 0;  // of the newest mark when its fetch was claimed
  std::vector<value> values;
  std::vector<std::string> withdrawn;  // owners whose stored summary of the call must go
};
std::string summary_field(std::string_view owner);
std::string refusal_field(std::string_view owner, std::string_view question);
script_call settle_call(const engine_keys& keys, const tier_question& asked, std::string_view token, const tier_settlement& what);

}  // namespace gateway
