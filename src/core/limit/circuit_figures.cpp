#include "core/limit/circuit_figures.hpp"

#include <array>
#include <string_view>

namespace gateway {
namespace {

// In the order of circuit_name::sort and of circuit_word::prober.
constexpr std::array<std::string_view, 4> names{"host", "cool_down", "pause", "breaker"};
constexpr std::array<std::string_view, 3> probers{"none", "this", "another"};

}  // namespace

void append_members(json_object& to, const circuit_figures& of) {
  using std::chrono::duration_cast;
  if (of.whose.what != resource::none) to.text("resource", name_of(of.whose.what));
  to.text("circuit", names[static_cast<std::size_t>(of.whose.is)]);
  to.text("state", of.half_open ? "half_open" : "open");
  to.number("since_s", duration_cast<std::chrono::seconds>(of.since).count());
  to.text("probe", probers[static_cast<std::size_t>(of.probe)]);
  to.number("probe_in_ms", std::chrono::ceil<std::chrono::milliseconds>(of.probe_in).count());
  if (of.cause) to.text("cause", name_of(*of.cause));
}

}  // namespace gateway
