#include "annotation.hpp"

#include <algorithm>
#include <span>

#include "route.hpp"

namespace simulator {
namespace {

constexpr std::string_view answerers[] = {"unknown_answered_by", "human", "machine"};
constexpr std::string_view connectivity_issues[] = {
    "unknown_connectivity_issue", "no_connectivity_issue", "invalid_number", "caller_id", "dropped_call", "number_reachability"};
constexpr std::string_view quality_issue_names[] = {
    "unknown_quality_issue", "no_quality_issue", "low_volume", "choppy_robotic", "echo", "dtmf", "latency", "owa", "static_noise"};

// Free text may hold anything, also what looks like the members that a careless reader would search for.
constexpr std::string_view comments[] = {
    "Caller asked for a call back on Monday",
    "One-way audio for the first ten seconds, then fine",
    R"(Agent pasted: {"processing_state": "partial", "call_sid": null})",
    R"(see "processing_state":"complete" \ in the ticket)",
    "Ligne très mauvaise, l’appelant a raccroché ☎",
    "<script>alert(1)</script>\nsecond line\t\"quoted\"",
    "Volume low on the far side; the customer moved closer to the window",
};

bool one_of(std::span<const std::string_view> names, std::string_view value) { return std::ranges::find(names, value) != names.end(); }

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

std::optional<std::string> none_if_empty(const std::string& value) { return value.empty() ? std::nullopt : std::optional{value}; }

}  // namespace

std::optional<std::string> annotation::apply_form(std::string_view form) {
  annotation changed = *this;
  std::optional<std::string> refused;
  for_each_pair(form, [&](const std::string& name, const std::string& value) {
    bool good = true;
    if (name == "AnsweredBy") {
      good = one_of(answerers, value);
      changed.answered_by = value;
    } else if (name == "ConnectivityIssue") {
      good = one_of(connectivity_issues, value);
      changed.connectivity_issue = value;
    } else if (name == "QualityIssues") {
      changed.quality_issues = split_list(value);
      good = std::ranges::all_of(changed.quality_issues, [](const std::string& issue) { return one_of(quality_issue_names, issue); });
    } else if (name == "Spam") {
      good = value == "true" || value == "false";
      changed.spam = value == "true";
    } else if (name == "CallScore") {
      good = value.size() == 1 && value[0] >= '1' && value[0] <= '5';
      if (good) changed.call_score = value[0] - '0';
    } else if (name == "Comment") {
      changed.comment = none_if_empty(value);
    } else if (name == "Incident") {
      changed.incident = none_if_empty(value);
    }  // Twilio ignores parameters that it does not know
    if (!good && !refused) refused = name;
  });
  if (!refused) *this = std::move(changed);
  return refused;
}

bool annotation::empty() const {
  return !answered_by && !connectivity_issue && !comment && !incident && quality_issues.empty() && !spam && !call_score;
}

void annotation::write_members(json_text& json) const {
  const auto text = [&](std::string_view key, const std::optional<std::string>& value) {
    if (value)
      json.member(key, *value);
    else
      json.member(key, nullptr);
  };
  text("answered_by", answered_by);
  text("connectivity_issue", connectivity_issue);
  json.open_list("quality_issues");
  for (const std::string& issue : quality_issues) json.item(issue);
  json.close_list();
  if (spam)
    json.member("spam", *spam);
  else
    json.member("spam", nullptr);
  if (call_score)
    json.member("call_score", *call_score);
  else
    json.member("call_score", nullptr);
  text("incident", incident);
  text("comment", comment);
}

annotation noted_before(dice& chance) {
  annotation noted;
  if (!chance.chance(0.15)) return noted;
  noted.answered_by = std::string{chance.pick(answerers)};
  noted.connectivity_issue = std::string{chance.pick(connectivity_issues)};
  if (chance.chance(0.5)) noted.quality_issues.emplace_back(chance.pick(quality_issue_names));
  noted.spam = chance.chance(0.1);
  noted.call_score = static_cast<int>(chance.between(1, 5));
  noted.comment = std::string{chance.pick(comments)};
  return noted;
}

std::string annotation_body(const annotation& noted, std::string_view call_sid, std::string_view account_sid) {
  std::string body;
  json_text json{body, json_text::spacing::spaced};
  json.open();
  json.member("call_sid", call_sid);
  json.member("account_sid", account_sid);
  noted.write_members(json);
  json.member("url", "https://insights.twilio.com/v1/Voice/" + std::string{call_sid} + "/Annotation");
  json.close();
  return body;
}

}  // namespace simulator
