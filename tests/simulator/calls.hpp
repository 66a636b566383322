#pragma once
// The calls that the simulated Twilio knows, and where each stands in the life of its summary.
// Time rule: `now` is an argument. Thread rule: guarded by its owner's lock.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "annotation.hpp"
#include "clock.hpp"
#include "route.hpp"

namespace simulator {

enum class call_shape { carrier, sip, client, trunking, whatsapp };
std::optional<call_shape> parse_call_shape(std::string_view name);
std::string_view to_string(call_shape shape);

struct call_facts {
  std::string sid;
  std::string account_sid;
  sim_time ended_at;
  std::chrono::milliseconds partial_after{std::chrono::minutes{10}};
  std::chrono::milliseconds complete_after{std::chrono::minutes{30}};
  std::optional<call_shape> shape;              // unset: derived from seed and SID
  std::size_t bytes = 0;                        // exact size of the body; 0: realistic
  std::shared_ptr<const std::string> verbatim;  // served as it is instead of a made body
  annotation noted;
};

enum class stage { ongoing, ended, partial, complete, expired };

inline constexpr int partial_versions = 3;

struct life {
  stage at;
  int version = 0;  // of a partial summary: 0, 1, 2
};

life life_of(const call_facts& call, sim_time now);

// 0 when such a request is answered with the summary, else Twilio's error code.
int refusal_for(stage at, wanted_state wanted);

// The error that this SID stands for ("CA17008…"), or 0.
int error_by_sid(std::string_view call_sid);

class call_registry {
public:
  call_registry(std::uint64_t seed, sim_time start, std::size_t body_bytes) : seed_(seed), start_(start), body_bytes_(body_bytes) {}

  // Every well-formed SID names a call: an unregistered one belongs to the first account, ended an hour before the start.
  call_facts find(const std::string& call_sid) const;
  void put(call_facts call) { calls_[call.sid] = std::move(call); }
  template <class F>
  void for_each(F visit) const {  // of those that were registered
    for (const auto& [sid, call] : calls_) visit(call);
  }
  std::size_t body_bytes() const { return body_bytes_; }

private:
  std::uint64_t seed_;
  sim_time start_;
  std::size_t body_bytes_;
  std::unordered_map<std::string, call_facts> calls_;
};

}  // namespace simulator
