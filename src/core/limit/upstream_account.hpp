// One account's share of the upstream: how many exchanges it may have under way, whether it is cooling down after a 429 or broken off
// after failures, and who waits for a turn.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/limit/concurrency_limit.hpp"
#include "core/limit/fair_queue.hpp"
#include "core/limit/recovery_gate.hpp"
#include "core/limit/turn_pace.hpp"

namespace gateway {

// Why a request was not even sent.
enum class shed_reason : std::uint8_t {
  busy,          // no turn came in time
  queue_full,    // too many waited already, and of no client more than of this one
  cooling_down,  // the upstream refused with 429 and asked to be left alone for longer than this request can wait
  failing,       // the upstream failed so often in a row that it is asked by one probe at a time only
};
inline constexpr std::size_t shed_reason_count = 4;
std::string_view name_of(shed_reason why);

// What came of an exchange, as far as the next ones should know.
enum class exchange_outcome : std::uint8_t {
  unknown,    // never sent, or given up by us
  accepted,   // the upstream worked on it, whatever it said
  throttled,  // 429: it did not
  failed,     // 5xx, silence, a broken connection, no connection at all
};

struct exchange_news {
  exchange_outcome is = exchange_outcome::unknown;
  std::chrono::nanoseconds retry_after{0};       // throttled: what the upstream asked for
  std::optional<std::uint64_t> reported_load{};  // Twilio-Concurrent-Requests
};

// One exchange that wants to happen, is under way, or was shed.
struct turn_request : fair_queue::entry {
  // It was wanted at `since`, and all of it, waiting included, may take `in_all`.
  turn_request(std::uint64_t whose, std::uint64_t who, mono_time since, std::chrono::nanoseconds in_all)
      : entry(who), account(whose), wanted_at(since), timeout(in_all) {}

  std::uint64_t account;  // what it counts against; the shield may file it elsewhere when it knows too many
  const mono_time wanted_at;
  const std::chrono::nanoseconds timeout;
  mono_time latest{};  // a turn that comes later is of no use; the shield knows how long an exchange takes
  enum class state : std::uint8_t { waiting, granted, shed } is = state::waiting;
  shed_reason why = shed_reason::busy;   // shed
  std::chrono::nanoseconds retry_in{0};  // shed: when another attempt makes sense
  std::uint64_t number = 0;              // granted: in the order of sending
  std::uint64_t in_flight = 0;           // granted: of its account, itself included
  mono_time granted_at{};
  bool probes_cool_down = false;
  bool probes_breaker = false;
};
using turn_ptr = std::shared_ptr<turn_request>;

class upstream_account {
public:
  struct policy {
    std::uint64_t max_in_flight;
    backoff_policy cool_down;  // after a 429 without Retry-After
    backoff_policy breaker;
    unsigned failures_to_break;  // in a row
  };
  explicit upstream_account(const policy& rules)
      : rules_(rules), limit_(rules.max_in_flight), cool_down_(rules.cool_down), breaker_(rules.breaker) {}

  void set_policy(const policy& rules) {
    rules_ = rules;
    limit_.set_most(rules.max_in_flight);
    cool_down_.set_policy(rules.cool_down);
    breaker_.set_policy(rules.breaker);
  }

  // Whether one more may be sent now.
  [[nodiscard]] bool may_send(mono_time now) const;
  // Why there is no hope for somebody who can wait until `deadline`; nothing if there is.
  [[nodiscard]] std::optional<shed_reason> hopeless(mono_time deadline, mono_time now) const;
  // When there may be hope again.
  [[nodiscard]] mono_time opens_at(shed_reason why) const;
  // The first moment at which somebody who waits could go on without anybody's doing; max if there is none.
  [[nodiscard]] mono_time look_again(mono_time now) const;

  // Until the last of `client` that waits now has had its turn; nothing if nobody knows.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> expected_wait(std::uint64_t client) const;

  void send(turn_request& one, std::uint64_t number, mono_time now);

  struct troubles {
    bool cooled_down = false;
    bool broken = false;
  };
  // `newest`: the number of what was sent last. What trouble began with it.
  troubles finish(turn_request& one, const exchange_news& news, std::uint64_t newest, double chance, mono_time now);

  [[nodiscard]] std::uint64_t limit() const { return limit_.now(); }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] bool is_cooling_down() const { return cool_down_.is_troubled(); }
  [[nodiscard]] bool is_broken() const { return breaker_.is_troubled(); }
  [[nodiscard]] bool is_idle() const { return in_flight_ == 0 && queue.size() == 0; }
  [[nodiscard]] mono_time used_at() const { return used_at_; }

  fair_queue queue;
  turn_pace pace;  // of those who leave the queue with a turn

private:
  policy rules_;
  concurrency_limit limit_;
  recovery_gate cool_down_;
  recovery_gate breaker_;
  std::uint64_t in_flight_ = 0;
  unsigned failures_ = 0;  // in a row
  mono_time used_at_{};
};

}  // namespace gateway
