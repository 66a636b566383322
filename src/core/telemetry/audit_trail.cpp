#include "core/telemetry/audit_trail.hpp"

#include <algorithm>
#include <vector>

#include "core/base/json_writer.hpp"
#include "core/telemetry/log_line.hpp"

namespace gateway {
namespace {

// What no operator and no signal caused: a changed file, the end of a lever's time, a start.
constexpr std::string_view itself = "the gateway itself";

bool is_refusal(audit_part part) { return part == audit_part::refusals || part == audit_part::strangers; }

std::string text_of(const logbook_entry& one, std::uint64_t number) {
  std::string text;
  {
    json_object object{text};
    object.number("number", number);
    append_members(object, one);
    if (std::ranges::find(one.fields, "by", &logbook_field::name) == one.fields.end()) object.text("by", itself);
    object.text("outcome", is_refusal(part_of(one.kind)) ? "refused" : "done");
  }
  return text;
}

}  // namespace

std::string_view audit_trail::add(const logbook_entry& one) {
  auto const part = part_of(one.kind);
  if (part == audit_part::none) return {};
  auto& lines = parts_[static_cast<std::size_t>(part)];
  if (lines.size() == capacity) lines.pop_front();  // defence: audit-bounded
  ++newest_;
  return lines.emplace_back(line{newest_, text_of(one, newest_)}).text;
}

std::string audit_trail::json(std::uint64_t since) const {
  std::vector<const line*> newer;
  for (auto const& part : parts_) {
    for (auto const& one : part) {
      if (one.number > since || since > newest_) newer.push_back(&one);
    }
  }
  std::ranges::sort(newer, {}, [](const line* one) { return one->number; });
  std::string out;
  {
    json_object all{out};
    all.begin("lines");
    json_list(out, newer, [&](const line* one) { out += one->text; });
  }
  return out;
}

}  // namespace gateway
