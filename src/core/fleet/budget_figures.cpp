#include "core/fleet/budget_figures.hpp"

#include "core/base/json_writer.hpp"

namespace gateway {

void append_circuits(std::string& text, const budget_figures& from) {
  json_list(text, from.circuits, [&](const budget_figures::named_circuit& one) {
    json_object out{text};
    if (!one.upstream.empty()) out.text("upstream", one.upstream);
    if (!one.account.empty()) out.text("account", one.account);
    append_members(out, one.is);
  });
}

}  // namespace gateway
