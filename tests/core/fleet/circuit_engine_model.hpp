// What the script of the circuits does in the engine, as a model with injected time for unit tests. The script itself runs in a real engine
// in the scenarios.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/limit/circuit_share.hpp"

namespace gateway::test {

class circuit_engine_model {
public:
  using gateway_id = int;

  // Returns the reply. `news`: the other gateways must look, too.
  std::vector<named_word> run(gateway_id me, const std::vector<named_report>& reports, mono_time now, bool& news) {
    for (auto const& one : reports) take(me, one, now, news);
    std::erase_if(records_,
                  [&](const auto& one) { return one.second.opens ? now >= *one.second.opens + longest : now >= one.second.leased; });
    std::vector<named_word> reply;
    for (auto const& [whose, one] : records_) reply.push_back({whose, word_of(me, one, now)});
    return reply;
  }
  void forget() { records_.clear(); }

private:
  using event = circuit_report::event;
  struct record {
    std::uint64_t number = 0;
    std::optional<mono_time> opens{};  // half-open from then on; nothing: it is closed
    unsigned streak = 0;
    std::optional<gateway_id> prober{}, following{};
    mono_time leased{};  // of a closed one: when it is forgotten
  };
  static constexpr std::chrono::seconds lease{2}, closed_for{10};
  static constexpr std::chrono::milliseconds precedence{600};
  static constexpr std::chrono::hours longest{1};

  static bool is_led(const record& one, mono_time now) { return one.prober && one.leased >= now; }
  static bool is_promised(const record& one, gateway_id me, mono_time now) {
    return one.following && *one.following != me && now < *one.opens + precedence;
  }

  void take(gateway_id me, const named_report& from, mono_time now, bool& news) {
    auto const& report = from.report;
    auto one = records_.contains(from.whose) ? records_[from.whose] : record{};
    if (report.what == event::closed) {
      if (one.opens && report.known == one.number) {
        news = true;
        one = {one.number, {}, 0, {}, {}, now + closed_for};
      }
    } else if (report.what == event::opened && (!one.opens || report.known >= one.number)) {
      one.number = std::max(one.number, report.known) + 1;
      one.opens = now + report.open_for;
      one.streak = std::max(one.streak, report.streak);
      one.prober.reset();
      news = true;
    } else if (one.opens && report.known <= one.number) {
      if (report.what != event::unchanged && now + report.open_for > *one.opens) {
        one.opens = now + report.open_for;
        news = true;
      }
    } else if (report.known > one.number) {
      one = {report.known, now + report.open_for, report.streak, {}, {}, {}};
    }
    if (one.opens) lead(me, one, report.wants_probe, now, news);
    if (one.opens || records_.contains(from.whose)) records_[from.whose] = one;
  }

  static void lead(gateway_id me, record& one, bool wants, mono_time now, bool& news) {
    if (is_led(one, now) && one.prober != me) {
      if (wants && !one.following) one.following = me;
    } else if (wants && now >= *one.opens && (one.prober == me || !is_promised(one, me, now))) {
      if (one.prober != me) one.following.reset();
      one.prober = me;
      one.leased = now + lease;
    } else if (one.prober) {
      one.prober.reset();
      news = true;
    }
  }

  static circuit_word word_of(gateway_id me, const record& one, mono_time now) {
    using prober = circuit_word::prober;
    circuit_word word;
    word.number = one.number;
    word.open = one.opens.has_value();
    word.streak = one.streak;
    if (!one.opens) return word;
    word.open_for = std::chrono::ceil<std::chrono::milliseconds>(std::max<std::chrono::nanoseconds>(*one.opens - now, {}));
    if (is_led(one, now)) {
      word.probe = one.prober == me ? prober::self : prober::another;
    } else if (now >= *one.opens && is_promised(one, me, now)) {
      word.probe = prober::another;
    }
    return word;
  }

  std::map<circuit_name, record> records_;
};

}  // namespace gateway::test
