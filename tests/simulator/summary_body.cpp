#include "summary_body.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "edges.hpp"
#include "json_text.hpp"

namespace simulator {
namespace {

using namespace std::chrono_literals;

enum class band { ordinary, rich, bulk };
enum class detail { bare, lean, full };  // lean and bare exist for exact sizes that the full one exceeds

enum member : std::uint8_t {
  m_account_sid,
  m_call_sid,
  m_call_type,
  m_call_state,
  m_answered_by,
  m_processing_state,
  m_created_time,
  m_start_time,
  m_end_time,
  m_duration,
  m_connect_duration,
  m_from,
  m_to,
  m_carrier_edge,
  m_client_edge,
  m_sdk_edge,
  m_sip_edge,
  m_tags,
  m_attributes,
  m_properties,
  m_trust,
  m_annotation,
  m_agent_sessions,
  m_url,
  member_count
};

constexpr std::string_view filler = "The caller said that the line was clear until the second minute, then words were missing. ";

// Everything that is thrown once per call, so that all versions and sizes of its summary agree.
struct portrait {
  portrait(std::uint64_t seed, const call_facts& facts) : call(facts), chance(seed, facts.sid) {
    const double size = chance.unit();
    sort = size < 0.70 ? band::ordinary : size < 0.95 ? band::rich : band::bulk;
    shape = call.shape.value_or(sort == band::ordinary ? chance.pick({call_shape::carrier, call_shape::carrier, call_shape::carrier,
                                                                      call_shape::sip, call_shape::trunking, call_shape::whatsapp})
                                                       : chance.pick({call_shape::client, call_shape::client, call_shape::carrier}));
    const double lay = chance.unit();
    spacing = lay < 0.55                         ? json_text::spacing::compact
              : sort == band::rich && lay > 0.93 ? json_text::spacing::pretty
                                                 : json_text::spacing::spaced;
    order_style = static_cast<int>(chance.below(3));
    seconds = chance.between(5, 1800);
    ringing = chance.between(1, 25);
    detail_seed = chance.next();
  }

  const call_facts& call;
  dice chance;
  band sort;
  call_shape shape;
  json_text::spacing spacing;
  int order_style;
  std::int64_t seconds, ringing;
  std::uint64_t detail_seed;
};

std::array<std::uint8_t, member_count> key_order(const portrait& p) {
  std::array<std::uint8_t, member_count> order;
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  if (p.order_style == 1) std::rotate(order.begin() + m_call_type, order.begin() + m_created_time, order.begin() + m_from);
  if (p.order_style == 2) {
    dice shuffle{p.detail_seed};
    for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[shuffle.below(i + 1)]);
  }
  return order;
}

void write_annotation(json_text& json, const portrait& p, life when, detail how, std::size_t padding) {
  const bool silent = p.call.noted.empty() || how != detail::full || when.at == stage::partial;
  if (silent && padding == 0) return json.member("annotation", nullptr);
  annotation noted = silent ? annotation{} : p.call.noted;
  std::string comment = noted.comment.value_or("");
  for (std::size_t left = padding; left > 0;) {
    const std::size_t piece = std::min(left, filler.size());
    comment += filler.substr(0, piece);
    left -= piece;
  }
  json.open("annotation");
  if (how != detail::full) {
    json.member("comment", comment);
  } else {
    noted.comment = std::move(comment);
    noted.write_members(json);
  }
  json.close();
}

void write_bare(json_text& json, const portrait& p, life when, std::size_t padding) {
  json.member("call_sid", p.call.sid);
  json.member("processing_state", when.at == stage::partial ? "partial" : "complete");
  write_annotation(json, p, when, detail::bare, padding);
}

void write_edge(json_text& json, std::string_view key, const portrait& p, bool present, detail how) {
  if (!present || how == detail::lean) return json.member(key, nullptr);
  edge_request request;
  request.name = key;
  request.latency_and_variation = p.sort != band::ordinary;
  request.both_directions = p.sort != band::ordinary || (p.shape != call_shape::trunking && p.seconds % 3 == 0);
  request.seconds = p.seconds;
  write_media_edge(json, request, dice{p.detail_seed, key});
}

void write_member(json_text& json, std::uint8_t which, const portrait& p, life when, detail how, std::size_t padding) {
  const bool young = when.at == stage::partial && when.version == 0;
  const auto start = p.call.ended_at - std::chrono::seconds{p.seconds};
  const dice own{p.detail_seed + which};
  const bool bulk = p.sort == band::bulk;
  switch (which) {
    case m_account_sid:
      return json.member("account_sid", p.call.account_sid);
    case m_call_sid:
      return json.member("call_sid", p.call.sid);
    case m_call_type:
      return json.member("call_type", to_string(p.shape));
    case m_call_state:
      return json.member("call_state", "completed");
    case m_answered_by: {
      dice chance = own;
      if (young || chance.chance(0.5)) return json.member("answered_by", nullptr);
      return json.member("answered_by",
                         chance.pick({"unknown", "human", "machine_start", "machine_end_beep", "machine_end_silence", "fax"}));
    }
    case m_processing_state:
      return json.member("processing_state", when.at == stage::partial ? "partial" : "complete");
    case m_created_time:
      return json.member("created_time", to_rfc3339(start - 2s));
    case m_start_time:
      return json.member("start_time", to_rfc3339(start));
    case m_end_time:
      return json.member("end_time", to_rfc3339(p.call.ended_at));
    case m_duration:
      return json.member("duration", p.seconds);
    case m_connect_duration:
      return json.member("connect_duration", std::max<std::int64_t>(0, p.seconds - p.ringing));
    case m_from:
      return how == detail::lean ? json.member("from", nullptr) : write_party(json, "from", p.shape, bulk, own);
    case m_to:
      return how == detail::lean ? json.member("to", nullptr) : write_party(json, "to", p.shape, bulk, own);
    case m_carrier_edge:
      return write_edge(json, "carrier_edge", p, bulk || p.shape == call_shape::carrier || (p.shape == call_shape::trunking && !young),
                        how);
    case m_client_edge:
      return write_edge(json, "client_edge", p, bulk || p.shape == call_shape::client, how);
    case m_sip_edge:
      return write_edge(json, "sip_edge", p,
                        bulk || p.shape == call_shape::sip || p.shape == call_shape::trunking || p.shape == call_shape::whatsapp, how);
    case m_sdk_edge:
      if (how == detail::lean || young || (p.shape != call_shape::client && !bulk)) return json.member("sdk_edge", nullptr);
      return write_sdk_edge(json, own);
    case m_tags: {
      dice chance = own;
      if (chance.chance(0.6)) return json.member("tags", nullptr);
      json.open_list("tags");
      json.item(chance.pick({"high_jitter", "silence", "high_packet_loss", "high_pdd", "high_latency"}));
      return json.close_list();
    }
    case m_attributes:
      json.open("attributes");
      json.member("conference_participant", false);
      return json.close();
    case m_properties:
      return how == detail::lean ? json.member("properties", nullptr) : write_properties(json, own, when);
    case m_trust: {
      dice chance = own;
      const bool trusted = how != detail::lean && !young && chance.chance(p.sort == band::ordinary ? 0.2 : 0.8);
      return trusted ? write_trust(json, chance) : json.member("trust", nullptr);
    }
    case m_annotation:
      return write_annotation(json, p, when, how, padding);
    case m_agent_sessions:
      return bulk && how == detail::full ? write_agent_sessions(json, own) : void();
    case m_url:
      return json.member("url", "https://insights.twilio.com/v1/Voice/" + p.call.sid + "/Summary");
    default:
      return;
  }
}

std::string write_summary(const portrait& p, life when, detail how, std::size_t padding) {
  std::string body;
  body.reserve(2048 + padding);
  json_text json{body, p.spacing};
  json.open();
  if (how == detail::bare) {
    write_bare(json, p, when, padding);
  } else {
    for (const std::uint8_t which : key_order(p)) write_member(json, which, p, when, how, padding);
  }
  json.close();
  return body;
}

// The comment that carries the padding costs some bytes itself, so the first padded text measures, the second fits.
std::string padded_to(const portrait& p, life when, detail how, std::size_t bytes) {
  const std::size_t with_one = write_summary(p, when, how, 1).size();
  if (with_one > bytes) return {};
  return write_summary(p, when, how, bytes - with_one + 1);
}

}  // namespace

call_outline outline_of(std::uint64_t seed, const call_facts& call) {
  const portrait p{seed, call};
  return {call.ended_at - std::chrono::seconds{p.seconds}, p.shape};
}

std::string summary_body(std::uint64_t seed, const call_facts& call, life when) {
  portrait p{seed, call};
  if (call.bytes > 0) {
    for (const detail how : {detail::full, detail::lean, detail::bare}) {
      std::string body = padded_to(p, when, how, call.bytes);
      if (!body.empty()) return body;
    }
  }
  std::string body = write_summary(p, when, detail::full, 0);
  if (when.at == stage::partial) return body;
  const std::int64_t low = p.sort == band::ordinary ? 1200 : p.sort == band::rich ? 2000 : 7600;
  const std::int64_t high = p.sort == band::ordinary ? 1500 : p.sort == band::rich ? 4700 : 8100;
  const auto wanted = static_cast<std::size_t>(p.chance.between(low, high));
  if (body.size() + 250 >= wanted) return body;
  return padded_to(p, when, detail::full, wanted);
}

}  // namespace simulator
