#include "core/limit/credential_circuit.hpp"

namespace gateway {

bool credential_circuit::send(mono_time now) {
  if (!lets_pass(now)) return false;
  if (is_ != state::accepted) next_probe_ = now + pause_;  // defence: credential-probe-pace
  return true;
}

bool credential_circuit::note_refusal(mono_time asked_at, double chance, mono_time now) {
  if (asked_at <= known_since_) return false;  // defence: older-refusal
  auto const before = is_;
  if (is_ == state::accepted) {
    is_ = state::doubted;
    doubted_at_ = now;
  } else if (asked_at >= doubted_at_ + until_sure) {  // defence: second-refusal
    is_ = state::refused;
  }
  known_since_ = now;
  pause_ = policy_.span(streak_++, chance);
  next_probe_ = now + pause_;
  return is_ != before;
}

bool credential_circuit::note_success(mono_time asked_at) {
  if (is_ == state::accepted || asked_at <= known_since_) return false;  // defence: older-success
  is_ = state::accepted;
  streak_ = 0;
  known_since_ = asked_at;
  return true;
}

void credential_circuit::try_now(mono_time now) {
  streak_ = 0;
  known_since_ = next_probe_ = now;
}

}  // namespace gateway
