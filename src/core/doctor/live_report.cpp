#include "core/doctor/live_report.hpp"

#include <sodium.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using state = summary_facts::summary_state;

constexpr std::array<std::string_view, 6> fields_that_decide{
    "age", "cache-control", "etag", "retry-after", "twilio-concurrent-requests", "twilio-request-id"};

std::string said(const live_answer& one) {
  if (one.failed) return std::string{name_of(*one.failed)};
  std::string text = std::to_string(one.status);
  if (one.code != 0) text.append("/").append(std::to_string(one.code));
  if (one.status == 200) text += one.state == state::complete ? " complete" : one.state == state::partial ? " partial" : " without a state";
  return text;
}

bool has(const live_answer& one, std::string_view field) { return std::ranges::find(one.fields, field) != one.fields.end(); }

void line(std::string& out, std::string_view assumed, std::optional<bool> holds, const std::string& seen) {
  out.append(!holds ? "not seen  " : *holds ? "holds     " : "differs   ").append(assumed).append(": ").append(seen).append("\n");
}

// Nothing: the code did not come.
std::optional<bool> status_of_code(const live_answer& one, int code, std::initializer_list<int> assumed) {
  if (one.code != code) return std::nullopt;
  return std::ranges::find(assumed, one.status) != assumed.end();
}

}  // namespace

secret live_request(live_question which, std::string_view host, const call_sid& call, std::string_view authorization) {
  auto const asked = which == live_question::other_case ? in_other_case(call) : call;
  std::string text;
  text.reserve(512 + host.size() + authorization.size());
  text.append("GET /v1/Voice/").append(asked.view()).append("/Summary");
  if (which == live_question::partial) text += "?ProcessingState=partial";
  if (which == live_question::all) text += "?ProcessingState=all";
  text.append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  if (!authorization.empty()) text.append("Authorization: ").append(authorization).append("\r\n");
  text.append("Accept: application/json\r\nAccept-Encoding: ").append(which == live_question::gzip ? "gzip" : "identity");
  text += "\r\nUser-Agent: summary-gateway\r\n\r\n";
  secret request{text};
  sodium_memzero(text.data(), text.size());
  return request;
}

call_sid in_other_case(const call_sid& call) {
  std::string text{call.view()};
  bool const is_lower = std::ranges::any_of(text.begin() + 2, text.end(), [](char c) { return c >= 'a' && c <= 'f'; });
  std::transform(text.begin() + 2, text.end(), text.begin() + 2, [&](char c) {
    if (is_lower) return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    return lower(c);
  });
  return *call_sid::parse(text);
}

live_answer note_answer(const upstream_answer& answer, bool was_gzip, const call_sid& asked, body_reader& reader) {
  live_answer made;
  made.status = answer.status;
  made.is_gzip = was_gzip;
  made.code = reader.read_error_code(answer.body).value_or(0);
  auto const facts = reader.read_summary(answer.body, asked);
  made.state = facts.state;
  made.has_end = facts.end_time.has_value();
  made.names_call = answer.body.find(asked.lower().view()) != std::string::npos;
  made.names_call_as_asked = answer.body.find(asked.view()) != std::string::npos;
  for (auto const name : fields_that_decide) {
    if (!answer.field(name).empty()) made.fields.emplace_back(name);
  }
  return made;
}

std::string live_report(const std::array<live_answer, live_questions>& answers) {
  auto const of = [&](live_question which) -> const live_answer& { return answers[static_cast<std::size_t>(which)]; };
  auto const& plain = of(live_question::plain);
  auto const& partial = of(live_question::partial);
  auto const& all = of(live_question::all);
  auto const& other = of(live_question::other_case);
  auto const& gzip = of(live_question::gzip);
  bool const complete = plain.status == 200 && plain.state == state::complete;
  bool const not_ready = plain.code == 17001;
  auto const if_complete = [&](bool holds) { return complete ? std::optional{holds} : std::nullopt; };
  std::string out = "What a real call shows (no SID and no number in it):\n";
  line(out, "17000 (another account's call) is 403", status_of_code(plain, 17000, {403}), said(plain));
  line(out, "17001 (not complete) is 404", status_of_code(plain, 17001, {404}), said(plain));
  line(out, "17002 (older than 30 days) is 404 or 400", status_of_code(plain, 17002, {404, 400}), said(plain));
  line(out, "17007 (before Voice Insights was on) is 403 or 404", status_of_code(plain, 17007, {403, 404}), said(plain));
  line(out, "a complete summary says when its call ended", if_complete(plain.has_end), said(plain));
  line(out, "ProcessingState=partial of a complete call gives the complete summary", if_complete(partial.state == state::complete),
       said(partial));
  line(out, "ProcessingState=all of a complete call gives the complete summary", if_complete(all.state == state::complete), said(all));
  line(out, "before it is complete, partial gives 200 partial or 404",
       not_ready ? std::optional{partial.state == state::partial || partial.status == 404} : std::nullopt, said(partial));
  bool const answered = plain.status != 0 && other.status != 0;
  line(out, "the case of the SID's digits does not matter",
       answered ? std::optional{plain.status == other.status && plain.code == other.code} : std::nullopt, said(other));
  line(out, "the body names the call in lower case", if_complete(other.names_call && !other.names_call_as_asked), said(other));
  line(out, "gzip is given to who asks for it", gzip.status == 200 ? std::optional{gzip.is_gzip} : std::nullopt,
       gzip.is_gzip ? "gzip" : said(gzip) + ", not compressed");
  bool const came = plain.status != 0;
  auto const field = [&](std::string_view name, bool assumed) {
    auto const there = has(plain, name);
    line(out, std::string{name} + (assumed ? " is sent" : " is not sent"), came ? std::optional{there == assumed} : std::nullopt,
         there ? "sent" : "not sent");
  };
  field("etag", false), field("cache-control", false), field("age", false);
  field("twilio-request-id", true), field("twilio-concurrent-requests", true);
  line(out, "17001 names no Retry-After", not_ready ? std::optional{!has(plain, "retry-after")} : std::nullopt, said(plain));
  return out;
}

}  // namespace gateway
