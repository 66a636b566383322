// The circuits of an account in a fleet: which of them the fleet has to know, and what the engine's word changes.
#include <algorithm>

#include "core/limit/upstream_account.hpp"

namespace gateway {
namespace {

using sort = circuit_name::sort;

const circuit_word* word_for(const std::vector<named_word>& words, sort is, resource what) {
  auto const found = std::ranges::find_if(words, [&](const named_word& one) { return one.whose.is == is && one.whose.what == what; });
  return found == words.end() ? nullptr : &found->word;
}

}  // namespace

void upstream_account::share_circuits(bool with_fleet) {
  cool_down_.share(with_fleet);
  for (auto& one : kinds_) {
    one.pause.share(with_fleet);
    one.breaker.share(with_fleet);
  }
}

void upstream_account::reset_circuits() {
  cool_down_.reset();
  for (auto& one : kinds_) {
    one.pause.reset();
    one.breaker.reset();
  }
}

bool upstream_account::has_circuit_report() const {
  return cool_down_.has_report() ||
         std::ranges::any_of(kinds_, [](const kind& one) { return one.pause.has_report() || one.breaker.has_report(); });
}

void upstream_account::report_circuits(std::uint64_t account, const std::array<bool, resource_count>& optional, mono_time now,
                                       std::vector<named_report>& to) {
  bool some_wait = false;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    auto& one = kinds_[i];
    auto const what = static_cast<resource>(i);
    bool const waits = optional[i] || one.queue.size() > 0;
    some_wait = some_wait || waits;
    if (one.pause.has_report()) to.push_back({{sort::pause, account, what}, one.pause.report(waits, now)});
    if (one.breaker.has_report()) to.push_back({{sort::breaker, account, what}, one.breaker.report(waits, now)});
  }
  if (cool_down_.has_report()) to.push_back({{sort::cool_down, account}, cool_down_.report(some_wait, now)});
}

void upstream_account::add_circuits(std::uint64_t account, mono_time last, mono_time now, std::vector<circuit_figures>& to) const {
  if (cool_down_.is_open_or_opened_after(last)) to.push_back(cool_down_.figures({sort::cool_down, account}, now));
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    auto const what = static_cast<resource>(i);
    if (kinds_[i].pause.is_open_or_opened_after(last)) to.push_back(kinds_[i].pause.figures({sort::pause, account, what}, now));
    if (kinds_[i].breaker.is_open_or_opened_after(last)) to.push_back(kinds_[i].breaker.figures({sort::breaker, account, what}, now));
  }
}

bool upstream_account::take_circuits(const std::vector<named_word>& words, std::uint64_t newest, mono_time now) {
  // The upstream has said it about the account, so it is true for each gateway.
  bool changed = cool_down_.take(word_for(words, sort::cool_down, resource::none), true, newest, now);  // defence: cool-down-adopted
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    auto& one = kinds_[i];
    auto const what = static_cast<resource>(i);
    bool const paused = one.pause.take(word_for(words, sort::pause, what), newest, now);
    bool const broken = one.breaker.take(word_for(words, sort::breaker, what), newest, now);
    if (paused || broken) interrupt(one, now);
    changed = changed || paused || broken;
  }
  return changed;
}

}  // namespace gateway
