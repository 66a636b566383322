#include "core/fleet/mark_figures.hpp"

#include "core/base/json_writer.hpp"

namespace gateway {

std::string_view name_of(mark_subject what) {
  switch (what) {
    case mark_subject::call:
      return "call";
    case mark_subject::account:
      return "account";
    case mark_subject::all:
      return "all";
    case mark_subject::credential:
      return "credential";
    case mark_subject::change:
      return "change";
    case mark_subject::number:
      return "number";
  }
  return "";
}

mark_subject subject_of(mark_kind kind) {
  switch (kind) {
    case mark_kind::call_soft:
    case mark_kind::call_hard:
      return mark_subject::call;
    case mark_kind::account_soft:
    case mark_kind::account_hard:
      return mark_subject::account;
    case mark_kind::refused:
      return mark_subject::credential;
    case mark_kind::changed:
      return mark_subject::change;
    case mark_kind::erased:
      return mark_subject::number;
    case mark_kind::all_soft:
    case mark_kind::all_hard:
      break;
  }
  return mark_subject::all;
}

void add_fleet_members(json_object& to, std::string& text, const mark_figures& now) {
  to.text("replica", now.replica);
  to.begin("members");
  json_list(text, now.members, [&](const std::string& one) { text.append("\"").append(one).append("\""); });
  to.begin("marks");
  json_object marks{text};
  marks.flag("current", now.is_current);
  marks.number("version", now.version);
  marks.number("pending", now.pending);
  marks.number("unreadable", now.unreadable);
}

}  // namespace gateway
