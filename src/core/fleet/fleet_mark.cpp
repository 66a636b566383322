#include "core/fleet/fleet_mark.hpp"

#include <cstring>

namespace gateway {
namespace {

std::string plain_mark(mark_kind kind, std::string_view subject = {}) { return std::string(1, static_cast<char>(kind)).append(subject); }

bool is_subject(mark_kind kind, std::string_view text) {
  switch (kind) {
    case mark_kind::call_soft:
    case mark_kind::call_hard:
    case mark_kind::changed:
      return call_sid::parse(text).has_value();
    case mark_kind::account_soft:
    case mark_kind::account_hard:
      return account_sid::parse(text).has_value();
    case mark_kind::refused:
    case mark_kind::erased:
      return text.size() == sizeof(digest);
    case mark_kind::all_soft:
    case mark_kind::all_hard:
      return text.empty();
  }
  return false;
}

}  // namespace

fleet_mark fleet_mark::of_purge(const purge_scope& what, purge_depth how) {
  bool const hard = how == purge_depth::hard;
  if (what.call) return {hard ? mark_kind::call_hard : mark_kind::call_soft, std::string{what.call->lower().view()}};
  if (what.account) return {hard ? mark_kind::account_hard : mark_kind::account_soft, std::string{what.account->view()}};
  return {hard ? mark_kind::all_hard : mark_kind::all_soft, {}};
}

fleet_mark fleet_mark::of_refusal(const partition& owner) { return {mark_kind::refused, std::string{view_of(owner.id)}}; }

fleet_mark fleet_mark::of_change(const call_sid& call) { return {mark_kind::changed, std::string{call.lower().view()}}; }

fleet_mark fleet_mark::of_erasure(const digest& party) { return {mark_kind::erased, std::string{view_of(party)}}; }

std::optional<fleet_mark> fleet_mark::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  auto const kind = static_cast<mark_kind>(text.front());
  if (!is_subject(kind, text.substr(1))) return std::nullopt;
  return fleet_mark{kind, std::string{text.substr(1)}};
}

bool fleet_mark::erases() const {
  return kind == mark_kind::call_hard || kind == mark_kind::account_hard || kind == mark_kind::all_hard || kind == mark_kind::refused ||
         kind == mark_kind::erased;
}

bool fleet_mark::is_about_call() const {
  return kind == mark_kind::call_soft || kind == mark_kind::call_hard || kind == mark_kind::changed;
}

purge_scope fleet_mark::scope() const { return {call_sid::parse(subject), account_sid::parse(subject)}; }

partition fleet_mark::owner() const {
  partition whose;
  if (kind == mark_kind::refused) std::memcpy(whose.id.data(), subject.data(), whose.id.size());
  return whose;
}

digest fleet_mark::party() const {
  digest who{};
  if (kind == mark_kind::erased) std::memcpy(who.data(), subject.data(), who.size());
  return who;
}

std::vector<std::string> marks_about(const call_sid& call, const partition& owner, const std::optional<account_sid>& account) {
  auto const about = call.lower();
  std::vector<std::string> all{plain_mark(mark_kind::all_soft),
                               plain_mark(mark_kind::all_hard),
                               plain_mark(mark_kind::call_soft, about.view()),
                               plain_mark(mark_kind::call_hard, about.view()),
                               plain_mark(mark_kind::changed, about.view()),
                               plain_mark(mark_kind::refused, view_of(owner.id))};
  if (account) {
    all.push_back(plain_mark(mark_kind::account_soft, account->view()));
    all.push_back(plain_mark(mark_kind::account_hard, account->view()));
  }
  return all;
}

}  // namespace gateway
