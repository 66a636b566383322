#include "core/telemetry/logbook.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json_writer.hpp"
#include "core/telemetry/log_line.hpp"

namespace gateway {
namespace {

// Texts of an upstream, a proxy or an engine must not begin a line of their own.
void make_harmless(logbook_field& one) {
  auto* const text = std::get_if<std::string>(&one.value);
  if (text == nullptr) return;
  if (text->size() > logbook::longest_text) text->replace(logbook::longest_text, std::string::npos, "...");  // defence: logbook-bounded
  std::ranges::replace_if(
      *text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');  // defence: logbook-one-line
}

}  // namespace

std::optional<logbook_entry> logbook::add(logbook_note what, const instant& now) {
  auto const at = static_cast<std::size_t>(what.kind);
  ++counts_[at];
  bool const in_pace = buckets_[at].take(pace, now.mono).allowed;  // defence: logbook-paced
  if (!in_pace) ++left_out_[at];
  if (!in_pace && !row_of(what.kind).is_audit) {
    return std::nullopt;
  }
  for (auto& one : what.fields) make_harmless(one);
  if (in_pace) {
    if (auto const missing = std::exchange(left_out_[at], 0); missing > 0) what.fields.emplace_back("left_out_before", missing);
  }
  logbook_entry entry{0, now.wall, what.kind, std::move(what.fields), {}};
  entry.message = message_of(entry);
  if (!in_pace || row_of(entry.kind).level == log_level::debug) return entry;
  entry.number = ++newest_;
  if (last_.size() == capacity) last_.pop_front();
  last_.push_back(entry);
  return entry;
}

std::string logbook::json(std::uint64_t since) const {
  auto const first = since > newest_ ? last_.begin() : std::ranges::upper_bound(last_, since, {}, &logbook_entry::number);
  std::vector<logbook_entry> const newer{first, last_.end()};
  std::string out;
  {
    json_object all{out};
    all.begin("events");
    json_list(out, newer, [&](const logbook_entry& one) {
      json_object object{out};
      object.number("number", one.number);
      append_members(object, one);
    });
  }
  return out;
}

}  // namespace gateway
