#include "core/upstream/verdict.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/upstream/content_coding.hpp"

namespace gateway {
namespace {

verdict broken(fault why, not_stored why_not = not_stored::never) {
  verdict made;
  made.why = why;
  made.why_not = why_not;
  return made;
}

verdict plain(verdict_kind kind, int code) {
  verdict made;
  made.is = kind;
  made.code = code;
  return made;
}

// With another transfer coding than chunked the end of the answer is unknown (RFC 9112 §6.3), so a part of it may be missing.
bool is_framed(const upstream_answer& answer) {
  return std::ranges::all_of(answer.fields,
                             // defence: coding-hides-end
                             [](const answer_field& f) { return !iequals(f.name, "transfer-encoding") || iequals(f.value, "chunked"); });
}

bool is_json(const upstream_answer& answer) {
  auto const type = answer.field("content-type");
  return iequals(trim_ows(type.substr(0, type.find(';'))), "application/json");
}

// Why a summary about the right call must not be stored, the plainest reason first.
std::optional<not_stored> reason_not_to_store(const summary_facts& facts, const upstream_answer& answer) {
  using summary_state = summary_facts::summary_state;
  if (facts.ambiguous) return not_stored::ambiguous;                             // defence: ambiguous-key
  if (facts.state == summary_state::partial) return not_stored::partial;         // defence: partial-not-stored
  if (facts.state != summary_state::complete) return not_stored::unknown_state;  // defence: unknown-state-not-stored
  if (facts.malformed_account) return not_stored::malformed_account;
  if (!is_json(answer)) return not_stored::content_type;
  return std::nullopt;
}

verdict judge_summary(const upstream_answer& answer, const call_sid& asked, body_reader& reader) {
  using identity = summary_facts::identity;
  auto const facts = reader.read_summary(answer.body, asked);
  // defence: unreadable-body
  if (facts.is == identity::unreadable) return broken(fault::upstream_unusable_body, not_stored::unusable_body);
  if (facts.is == identity::wrong_call) return broken(fault::upstream_wrong_call, not_stored::wrong_call);  // defence: body-call
  auto const why_not = reason_not_to_store(facts, answer);
  auto meaning = plain(why_not ? verdict_kind::partial : verdict_kind::found, 0);
  meaning.end_time = facts.end_time;
  meaning.account = facts.account;
  meaning.why_not = why_not.value_or(not_stored::never);
  return meaning;
}

// By code if there is one, because the statuses of several codes are undocumented.
verdict judge_client_error(int status, int code) {
  if (status == 429 || code == 20429) return plain(verdict_kind::throttled, code);
  if (status == 401 || status == 403) return plain(verdict_kind::refused, code);
  switch (code) {
    case 17001:
      return plain(verdict_kind::not_ready, code);
    case 17002:
    case 17007:
      return plain(verdict_kind::permanent, code);
    case 17000:
    case 20404:
      return plain(verdict_kind::absent, code);
    default:
      return plain(verdict_kind::rejected, code);
  }
}

bool is_sound(const upstream_answer& answer) {
  // defence: framed-and-sound
  return is_framed(answer) &&
         // defence: field-value
         std::ranges::all_of(answer.fields, [](const answer_field& f) { return is_token(f.name) && is_field_value(f.value); });
}

// The same for all resources.
verdict judge_failure(const upstream_answer& answer, body_reader& reader) {
  // Another gateway, or this one at a later turn, says that the request came back.
  if (answer.status == 508 && answer.field("gateway-fault") == name_of(fault::loop)) return broken(fault::loop);  // defence: inner-loop
  auto const code = reader.read_error_code(answer.body).value_or(0);
  if (answer.status >= 400 && answer.status < 500) return judge_client_error(answer.status, code);
  if (answer.status < 100 || answer.status >= 600) return broken(fault::upstream_protocol);  // defence: no-http-status
  if (answer.status < 400) return broken(fault::upstream_unexpected_status);                 // defence: odd-status
  auto failure = broken(fault::upstream_error);
  failure.code = code;
  return failure;
}

}  // namespace

std::string_view name_of(verdict_kind kind) {
  static constexpr std::array<std::string_view, verdict_kind_count> names{"found",   "partial",   "not_ready", "absent",  "permanent",
                                                                          "refused", "throttled", "rejected",  "relayed", "broken"};
  return names[static_cast<std::size_t>(kind)];
}

std::optional<answer_kind> verdict::storable() const {
  switch (is) {
    case verdict_kind::found:
      return answer_kind::complete;
    case verdict_kind::not_ready:
      return answer_kind::not_ready;
    case verdict_kind::absent:
      return answer_kind::absent;
    case verdict_kind::permanent:
      return answer_kind::permanent;
    default:
      return std::nullopt;
  }
}

bool contradicts(const verdict& meaning, const entry_ptr& stored) {
  return stored && stored->account && meaning.account && *stored->account != *meaning.account;
}

verdict contradiction() { return broken(fault::upstream_wrong_account, not_stored::wrong_account); }

verdict judge_answer(const upstream_answer& answer, const call_sid& asked, body_reader& reader) {
  if (!is_sound(answer)) return broken(fault::upstream_protocol);
  if (answer.status != 200) return judge_failure(answer, reader);                                 // defence: only-200
  if (is_coded(answer)) return broken(fault::upstream_unusable_body, not_stored::unusable_body);  // defence: coded-body
  return judge_summary(answer, asked, reader);
}

verdict judge_passthrough(const upstream_answer& answer, const std::optional<call_sid>& about, body_reader& reader) {
  using identity = summary_facts::identity;
  if (!is_sound(answer)) return broken(fault::upstream_protocol);
  if (answer.status < 200 || answer.status > 202) return judge_failure(answer, reader);
  if (is_coded(answer)) return broken(fault::upstream_unusable_body);
  if (about) {
    auto const whose = reader.read_summary(answer.body, *about).is;
    if (whose == identity::unreadable) return broken(fault::upstream_unusable_body);
    if (whose == identity::wrong_call) return broken(fault::upstream_wrong_call);  // defence: annotation-call
  }
  return plain(verdict_kind::passthrough, 0);
}

// A gateway that refuses a loop has sent nothing on.
bool may_have_applied(int status, const verdict& meaning) {
  bool const refused = status >= 400 && status < 500;
  bool const looped = meaning.is == verdict_kind::broken && meaning.why == fault::loop;
  return !refused && !looped;
}

}  // namespace gateway
