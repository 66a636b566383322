#include "core/telemetry/account_report.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json_writer.hpp"

namespace gateway {

void account_report::add(std::string_view upstream, upstream_limiter::busiest those, const account_name& named) {
  known_ += those.known;
  if (those.way) ways_.push_back({std::string{upstream}, *those.way});
  for (auto& one : those.accounts) accounts_.push_back({std::string{upstream}, named(one.account), std::move(one)});
  std::stable_partition(accounts_.begin(), accounts_.end(), [](const account& one) { return one.who.refused; });  // clang 14 has no other
}

void account_report::append(std::string& text) const {
  json_object report{text};
  report.number("known", known_);
  report.begin("ways");
  json_list(text, ways_, [&](const way& one) {
    json_object out{text};
    if (!one.upstream.empty()) out.text("upstream", one.upstream);
    append_members(out, one.is);
  });
  report.begin("shown");
  json_list(text, accounts_, [&](const account& one) {
    json_object out{text};
    if (!one.upstream.empty()) out.text("upstream", one.upstream);
    out.text("account", one.who.name);
    out.number("limit", one.is.limit);
    out.number("in_flight", one.is.in_flight);
    out.number("waiting", one.is.waiting);
    out.flag("credential_refused", one.who.refused);
    out.begin("circuits");
    json_list(text, one.is.circuits, [&](const circuit_figures& each) {
      json_object circuit{text};
      append_members(circuit, each);
    });
  });
}

}  // namespace gateway
