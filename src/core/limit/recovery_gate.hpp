// A gate that trouble shuts: first for nobody, then, when its time is up, for exactly one who tries (the probe), and once something got
// through for all. Each trouble in a row shuts it for twice as long. A cool-down after 429 and a breaker after failures are such gates.
// What was sent is numbered in order, so that news of something sent before the trouble says nothing about what came after it.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace gateway {

struct backoff_policy {
  std::chrono::nanoseconds first;
  std::chrono::nanoseconds longest;

  // The span before attempt number `streak` + 1 after trouble; `chance` in [0, 1) makes it up to a quarter longer, never shorter.
  [[nodiscard]] std::chrono::nanoseconds span(unsigned streak, double chance) const;
};

class recovery_gate {
public:
  enum class passage : std::uint8_t {
    none,   // shut, or the probe is still out
    probe,  // one may try
    free,
  };

  explicit recovery_gate(const backoff_policy& policy) : policy_(policy) {}
  // For the next trouble.
  void set_policy(const backoff_policy& policy) { policy_ = policy; }

  [[nodiscard]] passage look(mono_time now) const {
    if (!troubled_) return passage::free;
    return now < opens_at_ || probing_ ? passage::none : passage::probe;
  }
  [[nodiscard]] bool is_troubled() const { return troubled_; }
  [[nodiscard]] mono_time opens_at() const { return opens_at_; }

  void begin_probe() { probing_ = true; }
  // Whatever came of it: nobody can take the probe's place for ever.
  void end_probe() { probing_ = false; }

  // `sent`: the number of what met the trouble; `newest`: of the last thing sent at all. True if this is news, and not more of the
  // trouble that has already shut the gate. `at_least` is what the other side asked for.
  bool shut(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now);
  // Something sent after the trouble got through.
  void open(std::uint64_t sent);

private:
  backoff_policy policy_;
  bool troubled_ = false;
  bool probing_ = false;
  unsigned streak_ = 0;     // troubles in a row
  std::uint64_t mark_ = 0;  // what was newest at the last trouble
  mono_time opens_at_{};
};

}  // namespace gateway
