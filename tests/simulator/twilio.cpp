#include "twilio.hpp"

#include <algorithm>
#include <cstdio>

#include "annotation.hpp"
#include "api_error.hpp"
#include "call_records.hpp"
#include "summary_body.hpp"
#include "summary_list.hpp"

namespace simulator {

// What was decided under the lock; the body is written from it afterwards.
struct twilio::verdict {
  int code = 0;        // Twilio's, or 0: answer with the resource
  std::string detail;  // replaces the code's usual message when not empty
  call_facts call;
  life when{stage::complete};
  page_request page{};
  summary_page listed{};  // of a list of summaries
  std::string account{};  // of a gathering or of settings
  voice_settings chosen{};
};

twilio::twilio(const twilio_settings& settings, real_time now)
    : seed_(settings.seed),
      clock_(settings.start, now, settings.clock_speed),
      tokens_(settings.seed),
      calls_(settings.seed, settings.start, settings.body_bytes),
      schedule_(settings.seed),
      webhooks_(settings.seed),
      latency_(settings.latency),
      chance_(settings.seed),
      limit_(settings.concurrency_limit) {}

arrival twilio::arrive(const request_facts& request, real_time now) {
  arrival arrived;
  arrived.asked = route::parse(request.target);
  const std::lock_guard lock{mutex_};
  const sim_time today = clock_.now(now);
  const identity caller =
      accounts_.identify(request.authorization, [&](std::string_view token) { return tokens_.client_of(token, today); });
  arrived.who = caller.who;
  arrived.refused = caller.error_code;
  arrived.faults = faults_.take(request.method, arrived.asked);
  arrived.id = log_.add(logged_request{request.connection,
                                       request.method,
                                       request.target,
                                       arrived.asked.call_sid,
                                       caller.user,
                                       arrived.asked.processing_state,
                                       request.header_lines,
                                       0,
                                       {}});
  ++requests_;
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
  if (arrived.who != nullptr) {
    arrived.concurrent = arrived.who->in_flight + 1;
    if (limit_ != 0 && arrived.concurrent > limit_) {
      arrived.refused = 20429;  // refused at once: such a request is not worked on
      return arrived;
    }
    arrived.counted = true;
    ++arrived.who->in_flight;
  }
  arrived.pause = latency_.sample(chance_);
  if (arrived.faults)
    for (const fault_action& action : *arrived.faults)
      if (const auto* more = std::get_if<added_latency>(&action)) arrived.pause += more->pause;
  return arrived;
}

twilio::verdict twilio::judge_list(const arrival& arrived, const request_facts& request, sim_time now) {
  const auto page = page_request::parse(query_of(request.target));
  const auto filter = summary_filter::parse(query_of(request.target), now);
  for (const auto* refused : {std::get_if<refused_parameter>(&page), std::get_if<refused_parameter>(&filter)})
    if (refused != nullptr) return {20001, "Invalid parameter: " + refused->name, {}};
  const auto& wanted = std::get<summary_filter>(filter);
  const std::string owner = wanted.subaccount.value_or(arrived.who->sid);
  if (!accounts_.may_read(*arrived.who, owner)) return {17000, {}, {}};
  verdict found;
  found.page = std::get<page_request>(page);
  found.listed = page_of(calls_, seed_, owner, wanted, found.page, now);
  return found;
}

twilio::verdict twilio::judge(const arrival& arrived, const request_facts& request, sim_time now) {
  const route& asked = arrived.asked;
  if (arrived.refused != 0) return {arrived.refused, {}, {}};  // whatever was asked for: a 404 would tell that somebody is known
  if (asked.what == resource::unknown) return {20404, {}, {}};
  const bool writing = (asked.what == resource::annotation || asked.what == resource::settings) && request.method == "POST";
  if (request.method != "GET" && !writing) return {20004, {}, {}};
  if (asked.what == resource::summaries) return judge_list(arrived, request, now);
  if (asked.what == resource::gathering || asked.what == resource::settings) {
    verdict found;
    found.account = arrived.who->sid;
    voice_settings& chosen = settings_[found.account];
    if (writing)
      if (const auto refused = chosen.apply_form(request.body)) return {20001, "Invalid parameter: " + *refused, {}};
    found.chosen = chosen;
    return found;
  }
  if (asked.what == resource::summary && asked.state == wanted_state::nonsense)
    return {17400, "Invalid query parameter: ProcessingState must be complete, partial or all", {}};
  if (const int code = error_by_sid(asked.call_sid)) return {code, {}, {}};

  verdict found{0, {}, calls_.find(asked.call_sid)};
  if (!accounts_.may_read(*arrived.who, found.call.account_sid)) return {17000, {}, {}};
  found.when = life_of(found.call, now);
  if (asked.what == resource::summary) {
    found.code = refusal_for(found.when.at, asked.state);
  } else {
    found.code = refusal_for(found.when.at, wanted_state::all);
    if (writing && found.code == 0) {
      if (const auto refused = found.call.noted.apply_form(request.body)) return {20001, "Invalid parameter: " + *refused, {}};
      calls_.put(found.call);
    }
  }
  return found;
}

answer twilio::error_answer(int code, std::string_view detail) const {
  const api_error* known = find_api_error(code);
  answer made;
  made.code = code;
  made.status = known->status;
  made.body = error_body(code, known->status, detail.empty() ? known->message : detail);
  if (known->status == 401) made.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Twilio API\"");
  if (known->status == 405) made.headers.emplace_back("Allow", "GET");
  return made;
}

namespace {

header_list common_headers(std::uint64_t seed, const arrival& arrived, bool annotating, sim_time now) {
  dice id{seed, std::to_string(arrived.id)};
  char request_id[40], duration[40];
  std::snprintf(request_id, sizeof request_id, "RQ%016llx%016llx", static_cast<unsigned long long>(id.next()),
                static_cast<unsigned long long>(id.next()));
  const long long thousandths = std::clamp<long long>(arrived.pause.count() / 1000, 1, 999'999'999);
  std::snprintf(duration, sizeof duration, "%lld.%03lld", thousandths / 1000, thousandths % 1000);
  header_list headers;
  headers.reserve(16);
  headers.emplace_back("Date", to_http_date(now));
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("Twilio-Request-Id", request_id);
  headers.emplace_back("Twilio-Request-Duration", duration);
  if (arrived.who != nullptr) headers.emplace_back("Twilio-Concurrent-Requests", std::to_string(arrived.concurrent));
  headers.emplace_back("X-Home-Region", "us1");
  headers.emplace_back("X-API-Domain", "insights.twilio.com");
  headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  headers.emplace_back("Access-Control-Allow-Origin", "*");
  headers.emplace_back("Access-Control-Allow-Methods", annotating ? "GET, POST, OPTIONS" : "GET, OPTIONS");
  headers.emplace_back("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type");
  headers.emplace_back("Access-Control-Allow-Credentials", "true");
  headers.emplace_back("Access-Control-Expose-Headers", "ETag");
  return headers;
}

std::string neighbour_of(std::string sid) {
  if (sid.empty()) sid = numbered_sid("CA", 1);
  sid.back() = sid.back() == '0' ? '1' : '0';
  return sid;
}

}  // namespace

void twilio::apply(const fault_action& action, const arrival& arrived, const verdict& found, reply& out) const {
  if (const auto* replaced = std::get_if<replace_answer>(&action)) {
    const bool keeps_body = replaced->status < 300 && !replaced->body && !replaced->code && out.what.status == 200;
    out.what.status = replaced->status;
    out.what.code = replaced->code;
    if (!replaced->body && !keeps_body) out.what.code = replaced->code.value_or(usual_code(replaced->status));
    if (replaced->body) {
      out.what.body = *replaced->body;
    } else if (!keeps_body) {
      const api_error* known = find_api_error(*out.what.code);
      out.what.body = error_body(*out.what.code, replaced->status, known != nullptr ? known->message : "Scripted error");
    }
    for (const auto& scripted : replaced->headers) {
      std::erase_if(out.what.headers, [&](const auto& header) { return header.first == scripted.first; });
      out.what.headers.push_back(scripted);
    }
  } else if (const auto* other = std::get_if<other_call>(&action)) {
    call_facts call = found.call;
    call.sid = other->call_sid.empty() ? neighbour_of(arrived.asked.call_sid) : other->call_sid;
    call.verbatim = nullptr;
    out.what.status = 200;
    out.what.code.reset();
    out.what.body = summary_body(seed_, call, {stage::complete});
  } else if (const auto* large = std::get_if<oversized>(&action)) {
    call_facts call = found.call;
    call.sid = arrived.asked.call_sid;
    call.bytes = large->bytes;
    out.what.status = 200;
    out.what.code.reset();
    out.what.body = summary_body(seed_, call, {stage::complete});
  } else if (const auto* extra = std::get_if<added_header>(&action)) {
    out.what.headers.emplace_back(extra->name, extra->value);
  } else if (const auto* noise = std::get_if<garbage>(&action)) {
    out.how.raw = garbage_bytes(noise->bytes, seed_ ^ arrived.id);
  } else if (const auto* change = std::get_if<delivery_change>(&action)) {
    merge(out.how, *change);
  }
}

answer twilio::resource_answer(resource what, std::string_view target, const verdict& found) const {
  answer made;
  switch (what) {
    case resource::annotation:
      made.body = annotation_body(found.call.noted, found.call.sid, found.call.account_sid);
      return made;
    case resource::call:
      made.body = call_body(found.call.sid);
      return made;
    case resource::events:
      return records_answer(events_body(seed_, found.call, target));
    case resource::metrics:
      return records_answer(metrics_body(seed_, found.call, target));
    case resource::summaries: {
      std::vector<std::string> items;
      for (const listed_call& each : found.listed.calls) items.push_back(summary_body(seed_, each.call, each.when));
      made.body = list_body(found.page, path_of(target), "call_summaries", found.listed.total, items);
      return made;
    }
    case resource::gathering:
      return records_answer(gathering_body(seed_, target, found.account));
    case resource::settings:
      made.body = found.chosen.body(found.account);
      return made;
    case resource::summary:
    case resource::sinks:
    case resource::sink_test:
    case resource::subscriptions:
    case resource::token:
    case resource::unknown:
      break;
  }
  made.body = found.call.verbatim ? *found.call.verbatim : summary_body(seed_, found.call, found.when);
  return made;
}

answer twilio::records_answer(std::variant<std::string, refused_parameter> written) const {
  if (const auto* refused = std::get_if<refused_parameter>(&written)) return error_answer(20001, "Invalid parameter: " + refused->name);
  answer made;
  made.body = std::move(std::get<std::string>(written));
  return made;
}

reply twilio::decide(const arrival& arrived, const request_facts& request, real_time real_now) {
  sim_time now;
  verdict found;
  reply out;
  {
    const std::lock_guard lock{mutex_};
    now = clock_.now(real_now);
    if (arrived.asked.what == resource::token)
      out.what = token_answer(request, now);
    else if (arrived.refused == 0 && is_of_event_streams(arrived.asked.what))
      out.what = stream_answer(arrived, request, now);
    else
      found = judge(arrived, request, now);
  }
  if (out.what.body.empty())
    out.what = found.code != 0 ? error_answer(found.code, found.detail) : resource_answer(arrived.asked.what, request.target, found);
  header_list headers = common_headers(seed_, arrived, arrived.asked.what == resource::annotation, now);
  std::ranges::move(out.what.headers, std::back_inserter(headers));
  out.what.headers = std::move(headers);
  if (arrived.faults)
    for (const fault_action& action : *arrived.faults) apply(action, arrived, found, out);

  const std::lock_guard lock{mutex_};
  if (out.what.code == 20429) ++throttled_;
  log_.answered(arrived.id, out.what.status, out.what.code);
  return out;
}

void twilio::leave(const arrival& arrived) {
  const std::lock_guard lock{mutex_};
  --in_flight_;
  if (arrived.counted) --arrived.who->in_flight;
}

}  // namespace simulator
