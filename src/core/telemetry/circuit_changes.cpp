#include "core/telemetry/circuit_changes.hpp"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

using sort = circuit_name::sort;

logbook_note note_about(const circuit_name& which, bool opened, const std::optional<fault>& cause,
                        const circuit_changes::account_name& named) {
  bool const breaks = which.is == sort::host || which.is == sort::breaker;
  auto const kind = breaks ? (opened ? logbook_kind::circuit_opened : logbook_kind::circuit_closed)
                           : (opened ? logbook_kind::cool_down_begun : logbook_kind::cool_down_ended);
  logbook_note made{kind, {}};
  if (which.is != sort::host) made.fields.emplace_back("account", named(which.account));
  if (which.what != resource::none) made.fields.emplace_back("resource", name_of(which.what));
  if (!breaks) made.fields.emplace_back("status", which.is == sort::pause ? 503 : 429);
  if (breaks && cause) made.fields.emplace_back("cause", name_of(*cause));
  return made;
}

}  // namespace

std::vector<logbook_note> circuit_changes::look(const std::vector<circuit_figures>& those, bool complete, const account_name& named,
                                                mono_time now) {
  std::vector<logbook_note> notes;
  auto const enter_closed = [&](const circuit_name& which, const opening& was) {
    auto note = note_about(which, false, was.cause, named);
    note.fields.emplace_back("lasted_ms", now - was.at);
    notes.push_back(std::move(note));
  };
  auto before = std::exchange(open_, {});
  for (auto const& one : those) {
    opening is{now - one.since, one.cause};
    if (auto const known = before.find(one.whose); known != before.end()) {
      bool const same = is.at <= known->second.at;
      if (!same) enter_closed(one.whose, known->second);
      before.erase(known);
      if (same && !one.closed) {
        open_.emplace(one.whose, is);
        continue;
      }
      if (same) {
        enter_closed(one.whose, is);
        continue;
      }
    }
    notes.push_back(note_about(one.whose, true, is.cause, named));
    if (one.closed) {
      enter_closed(one.whose, is);
    } else {
      open_.emplace(one.whose, is);
    }
  }
  for (auto const& [which, was] : before) {
    if (complete) {
      enter_closed(which, was);
    } else {
      open_.emplace(which, was);
    }
  }
  return notes;
}

}  // namespace gateway
