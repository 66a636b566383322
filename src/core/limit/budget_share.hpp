// One gateway's part of an account's budget that a fleet shares: the slots that the fleet's engine gave to it, and what it reports there.
// A slot allows one exchange at a time. The engine counts slots; the limit itself is learnt here (concurrency_limit) and only stored there.
// Each change of the limit begins an epoch: what exchanges of an earlier epoch say is not counted.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/limit/concurrency_limit.hpp"
#include "core/request/route.hpp"

namespace gateway {

// Slots for summaries, and slots for all other kinds of resources: these never take the last one.
inline constexpr std::size_t slot_kinds = 2;
using slot_counts = std::array<std::uint64_t, slot_kinds>;
constexpr std::size_t slot_kind_of(resource what) { return what == resource::summary ? 0 : 1; }

// The answers to exchanges of one epoch.
struct budget_evidence {
  std::uint64_t accepted = 0;
  std::uint64_t in_flight = 0;               // of the whole fleet, when one of them was sent: the most
  std::optional<std::uint64_t> elsewhere{};  // the smallest load that was not the fleet's
};

// What a gateway reports about one account.
struct budget_report {
  slot_counts in_use{};                 // exchanges in flight
  slot_counts wanted{};                 // these, and the requests that wait for a slot
  slot_counts spare{};                  // slots beyond these, if no gateway waits for one
  std::chrono::milliseconds reserve{};  // so long its exchanges may go on after it has vanished
  std::uint64_t epoch = 0;              // 0: none is known yet
  // If it was alone until now: the limit that it learnt for itself. An engine that has lost what it knew lets it go on with so many.
  std::uint64_t part = 0;
  std::uint64_t gateways = 0;  // that share the budget, as the last reply said
  budget_evidence seen;        // since the report before
  std::optional<concurrency_limit::memory> proposal{};
  std::uint64_t proposed_limit = 0;
};

// What the engine replies.
struct budget_word {
  slot_counts slots{};                    // of this gateway, from now on
  std::array<bool, slot_kinds> yields{};  // another gateway holds less and waits: the next slot that becomes free is its
  std::uint64_t in_flight = 0;            // slots of the whole fleet
  std::uint64_t epoch = 0;
  std::uint64_t gateways = 0;                         // that share the budget; 0: an engine that lost what it knew waits for their reports
  budget_evidence seen;                               // of the whole fleet in this epoch
  std::optional<concurrency_limit::memory> learnt{};  // of an epoch that was not reported
};

class budget_share {
public:
  // What the gateway needs at this moment.
  struct needs {
    slot_counts in_use{}, wanted{}, spare{};
  };

  budget_share() = default;
  // The epoch that the gateway knew before it could not ask the engine, and the limit that it learnt alone; 0: it was not alone.
  budget_share(std::uint64_t known_epoch, std::uint64_t limit_alone) : epoch_(known_epoch), part_(limit_alone) {}

  [[nodiscard]] bool has_room(std::size_t kind, std::uint64_t in_use) const { return in_use < slots_[kind]; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  // The fleet's exchanges in flight, if `mine` are this gateway's.
  [[nodiscard]] std::uint64_t in_flight_with(std::uint64_t mine) const { return others_ + mine; }

  // An exchange that was sent in this epoch was answered.
  void accepted(std::uint64_t sent, std::uint64_t in_flight, std::optional<std::uint64_t> reported);
  void refused(const concurrency_limit::observation& what);
  // An exchange has ended. A slot that another gateway waits for is not used again.
  void ended(std::size_t kind, std::uint64_t in_use);

  // A request asks for a spare slot: the next reply decides.
  void ask_for_spare() { asks_ = true; }

  // Whether the engine should hear of it now.
  [[nodiscard]] bool has_changed(const needs& now) const;
  // What to report. Until the reply, no slot beyond those in use is used.
  [[nodiscard]] budget_report report(const needs& what, const concurrency_limit& limit, mono_time now);
  // The reply; `limit` becomes the one that the fleet has learnt.
  void take(const budget_word& word, concurrency_limit& limit, mono_time now);

private:
  void propose(budget_report& made, const concurrency_limit& limit, mono_time now) const;
  // Whether the refusal is older than the last decrease.
  [[nodiscard]] bool is_settled(const concurrency_limit::observation& refusal, concurrency_limit limit, mono_time now) const;

  slot_counts slots_{};
  std::array<bool, slot_kinds> yields_{};
  std::uint64_t others_ = 0;  // slots of the other gateways
  std::uint64_t epoch_ = 0;
  std::uint64_t part_ = 0;                                   // until the engine knows what all gateways use
  std::uint64_t gateways_ = 0;                               // that share the budget
  budget_evidence seen_;                                     // not reported yet
  budget_evidence all_seen_;                                 // of the whole fleet, as the last reply says
  std::optional<concurrency_limit::observation> refused_{};  // the refusal that may lower the limit
  bool round_is_over_ = false;                               // all_seen_ is enough for a decision
  bool engine_forgot_ = false;                               // its epoch was before this one
  bool gave_up_ = false;                                     // a slot was returned since the last report
  bool asks_ = false;                                        // for a spare slot
  slot_counts last_wanted_{};                                // as reported
};

}  // namespace gateway
