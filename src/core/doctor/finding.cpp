#include "core/doctor/finding.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"

namespace gateway {
namespace {

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out.append(text).append(width - std::min(width, text.size()) + 2, ' ');
}

}  // namespace

bool any_failed(const std::vector<finding>& all) { return std::ranges::count(all, health::fail, &finding::is) > 0; }

std::string findings_text(const std::vector<finding>& all) {
  std::size_t width = 0;
  for (auto const& one : all) width = std::max(width, one.check.size());
  std::string out;
  for (auto const& one : all) {
    append_padded(out, name_of(one.is), name_of(health::skipped).size());
    append_padded(out, one.check, width);
    out += one.seen;
    if (!one.right.empty()) out.append("; ").append(one.right);
    out += '\n';
  }
  return out;
}

std::string findings_json(const std::vector<finding>& all) {
  std::string out;
  {
    json_object whole{out};
    whole.flag("healthy", !any_failed(all));
    whole.begin("checks");
    json_list(out, all, [&](const finding& one) {
      json_object line{out};
      line.text("check", one.check);
      line.text("is", name_of(one.is));
      line.text("seen", one.seen);
      if (!one.right.empty()) line.text("right", one.right);
    });
  }
  return out += '\n';
}

}  // namespace gateway
