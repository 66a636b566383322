#include "families.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "accounts.hpp"
#include "dice.hpp"
#include "route.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t gatherings_of_an_account = 7, most_participants = 4;

struct kind {
  std::string_view base, letters, key, sid_member;
  std::string_view participant_letters;
};
constexpr kind kinds[] = {{"/v1/Conferences", "CF", "conferences", "conference_sid", "CP"},
                          {"/v1/Video/Rooms", "RM", "rooms", "room_sid", "PA"}};
constexpr std::string_view participants_leaf = "/Participants";

// What a path names: a list of gatherings, one of them, its participants, or one of these.
struct place {
  const kind* of = nullptr;
  std::string sid, participant;
  bool lists_participants = false;

  static std::optional<place> parse(std::string_view path);
};

// Takes "/SID" with these letters from the start of the path.
std::optional<std::string> take_sid(std::string_view& path, std::string_view letters) {
  if (!path.starts_with('/') || !is_sid(path.substr(1, 34), letters)) return {};
  std::string sid{path.substr(1, 34)};
  path.remove_prefix(35);
  return sid;
}

std::optional<place> place::parse(std::string_view path) {
  place found;
  for (const kind& each : kinds)
    if (path.starts_with(each.base)) found.of = &each;
  if (found.of == nullptr) return {};
  path.remove_prefix(found.of->base.size());
  if (path.empty()) return found;
  const auto sid = take_sid(path, found.of->letters);
  if (!sid) return {};
  found.sid = *sid;
  if (path.empty()) return found;
  if (!path.starts_with(participants_leaf)) return {};
  path.remove_prefix(participants_leaf.size());
  found.lists_participants = path.empty();
  if (path.empty()) return found;
  const auto participant = take_sid(path, found.of->participant_letters);
  if (!participant || !path.empty()) return {};
  found.participant = *participant;
  return found;
}

json::string text(std::string_view value) { return json::string{json::string_view{value.data(), value.size()}}; }

std::string gathering_json(std::uint64_t seed, const kind& of, const std::string& sid, std::string_view account_sid) {
  dice chance{seed, sid};
  const std::string url = std::string{twilio_origin} + std::string{of.base} + "/" + sid;
  json::object made;
  made[json::string_view{of.sid_member.data(), of.sid_member.size()}] = text(sid);
  made["account_sid"] = text(account_sid);
  made["status"] = "completed";
  made["duration_seconds"] = chance.between(60, 3600);
  made["url"] = text(url);
  made["links"] = json::object{{"participants", text(url + std::string{participants_leaf})}};
  return json::serialize(made);
}

std::string participant_json(std::uint64_t seed, const kind& of, const std::string& sid, const std::string& participant,
                             std::string_view account_sid) {
  dice chance{seed, sid + participant};
  json::object made;
  made["participant_sid"] = text(participant);
  made[json::string_view{of.sid_member.data(), of.sid_member.size()}] = text(sid);
  made["account_sid"] = text(account_sid);
  made["duration_seconds"] = chance.between(1, 3600);
  made["url"] = text(std::string{twilio_origin} + std::string{of.base} + "/" + sid + std::string{participants_leaf} + "/" + participant);
  return json::serialize(made);
}

}  // namespace

bool is_gathering_path(std::string_view path) { return place::parse(path).has_value(); }

std::variant<std::string, refused_parameter> gathering_body(std::uint64_t seed, std::string_view target, std::string_view account_sid) {
  const place found = *place::parse(path_of(target));
  const kind& of = *found.of;
  if (!found.participant.empty()) return participant_json(seed, of, found.sid, found.participant, account_sid);
  if (!found.sid.empty() && !found.lists_participants) return gathering_json(seed, of, found.sid, account_sid);
  const auto asked = page_request::parse(query_of(target));
  if (const auto* refused = std::get_if<refused_parameter>(&asked)) return *refused;
  const auto& page = std::get<page_request>(asked);
  const std::size_t total =
      found.lists_participants ? static_cast<std::size_t>(dice{seed, found.sid}.between(1, most_participants)) : gatherings_of_an_account;
  const page_slice slice = slice_of(page, total);
  std::vector<std::string> items;
  for (std::size_t i = slice.from; i < slice.to; ++i) {
    const auto number = static_cast<unsigned>(i + 1);
    items.push_back(found.lists_participants
                        ? participant_json(seed, of, found.sid, numbered_sid(of.participant_letters, number), account_sid)
                        : gathering_json(seed, of, numbered_sid(of.letters, number), account_sid));
  }
  return list_body(page, path_of(target), found.lists_participants ? "participants" : of.key, total, items);
}

std::optional<std::string> voice_settings::apply_form(std::string_view form) {
  voice_settings changed = *this;
  std::optional<std::string> refused;
  for_each_pair(form, [&](const std::string& name, const std::string& value) {
    bool* const wanted = name == "AdvancedFeatures" ? &changed.advanced_features : name == "VoiceTrace" ? &changed.voice_trace : nullptr;
    if (wanted == nullptr) return;  // Twilio ignores parameters that it does not know
    if (value != "true" && value != "false" && !refused) refused = name;
    *wanted = value == "true";
  });
  if (!refused) *this = changed;
  return refused;
}

std::string voice_settings::body(std::string_view account_sid) const {
  json::object made;
  made["account_sid"] = text(account_sid);
  made["advanced_features"] = advanced_features;
  made["voice_trace"] = voice_trace;
  made["url"] = text(std::string{twilio_origin} + "/v1/Voice/Settings");
  return json::serialize(made);
}

}  // namespace simulator
