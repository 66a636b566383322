#include "core/fleet/budget_figures.hpp"

#include <array>
#include <string_view>

#include "core/base/json_writer.hpp"

namespace gateway {
namespace {

// In the order of circuit_name::sort and of circuit_word::prober.
constexpr std::array<std::string_view, 4> names{"host", "cool_down", "pause", "breaker"};
constexpr std::array<std::string_view, 3> probers{"none", "this", "another"};

}  // namespace

void append_circuits(std::string& text, const budget_figures& from) {
  json_list(text, from.circuits, [&](const budget_figures::named_circuit& one) {
    auto const& [whose, half_open, since, probe, closed, cause] = one.is;
    json_object out{text};
    out.text("circuit", names[static_cast<std::size_t>(whose.is)]);
    if (!one.upstream.empty()) out.text("upstream", one.upstream);
    if (!one.account.empty()) out.text("account", one.account);
    if (whose.what != resource::none) out.text("resource", name_of(whose.what));
    out.text("state", half_open ? "half_open" : "open");
    out.number("since_s", std::chrono::duration_cast<std::chrono::seconds>(since).count());
    out.text("probe", probers[static_cast<std::size_t>(probe)]);
  });
}

}  // namespace gateway
