#include "core/telemetry/lever_figures.hpp"

#include "core/base/json_writer.hpp"
#include "core/base/time.hpp"

namespace gateway {

void append_levers(std::string& text, const std::vector<lever_figures>& all) {
  json_list(text, all, [&](const lever_figures& one) {
    json_object out{text};
    out.text("lever", name_of(one.what));
    if (!one.account.empty()) out.text("account", one.account);
    if (!one.upstream.empty()) out.text("upstream", one.upstream);
    if (one.what == lever::kind::limit) out.number("limit", one.limit);
    out.number("held_for_s", whole_seconds(one.held_for).count());
    out.number("ends_in_s", std::chrono::ceil<std::chrono::seconds>(one.ends_in).count());
  });
}

}  // namespace gateway
