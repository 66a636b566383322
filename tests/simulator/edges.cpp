#include "edges.hpp"

#include <cstdio>
#include <string>

namespace simulator {
namespace {

// Numbers that regulators keep for fiction: +1 NPA 555 01xx and +44 20 7946 0xxx.
std::string fictional_number(dice& chance) {
  char digits[24];
  if (chance.chance(0.85)) {
    static constexpr int areas[] = {202, 206, 303, 312, 415, 512, 617, 702};
    std::snprintf(digits, sizeof digits, "+1%d55501%02u", chance.pick(areas), static_cast<unsigned>(chance.below(100)));
  } else {
    std::snprintf(digits, sizeof digits, "+442079460%03u", static_cast<unsigned>(chance.below(1000)));
  }
  return digits;
}

// Networks that RFC 5737 keeps for documentation.
std::string documentation_ip(dice& chance) {
  return std::string{chance.pick({"192.0.2.", "198.51.100.", "203.0.113."})} + std::to_string(chance.between(1, 254));
}

void write_range(json_text& json, std::string_view key, dice& chance, double scale, bool with_min) {
  const double average = chance.unit() * scale;
  json.open(key);
  if (with_min) json.real("min", average * 0.4, 3);
  json.real("avg", average, 6);
  json.real("max", average * (1.2 + 3 * chance.unit()), 5);
  json.close();
}

void write_direction(json_text& json, const edge_request& request, bool inbound, dice& chance) {
  const std::int64_t packets = request.seconds * 50 + chance.between(-20, 20);
  const std::int64_t lost = chance.chance(0.8) ? 0 : chance.between(1, 40);
  json.open(inbound ? "inbound" : "outbound");
  json.member("codec", 0);
  json.member("codec_name", "pcmu");
  json.member(inbound ? "packets_received" : "packets_sent", packets < 0 ? 0 : packets);
  json.member("packets_lost", lost);
  json.real("packets_loss_percentage", packets > 0 ? 100.0 * static_cast<double>(lost) / static_cast<double>(packets) : 0.0, 4);
  write_range(json, "jitter", chance, 0.9, false);
  if (request.latency_and_variation) {
    write_range(json, "latency", chance, 6, false);
    json.open("packet_delay_variation");
    for (const char* bucket : {"d50", "d70", "d90", "d120", "d150", "d200", "d300"}) json.member(bucket, chance.between(0, 60));
    json.close();
  }
  json.close();
}

}  // namespace

void write_party(json_text& json, std::string_view key, call_shape shape, bool with_sdk, dice chance) {
  const bool from = key == "from";
  const std::string_view self = from ? "caller" : "callee";
  json.open(key);
  if (shape == call_shape::client && !from) {
    json.member(self, "client:agent_" + std::to_string(chance.between(100, 999)));
    json.member("connection", "twilio_sdk");
  } else if ((shape == call_shape::sip && !from) || (shape == call_shape::trunking && from)) {
    json.member(self, "sip:desk" + std::to_string(chance.between(1, 99)) + "@" + documentation_ip(chance));
    json.member("connection", shape == call_shape::sip ? "sip_interface" : "sip_trunk");
  } else {
    const std::string number = fictional_number(chance);
    json.member(self, (shape == call_shape::whatsapp ? "whatsapp:" : "") + number);
    json.member("carrier", chance.pick({"Example Mobile", "Sample Telecom LLC", "Fictional Wireless, Inc.", "Placeholder Broadband"}));
    json.member("connection", chance.pick({"mobile", "landline", "voip"}));
    json.member("number_prefix", number.substr(1, 4));
  }
  json.member("country_code", "US");
  json.open("location");
  json.real("lat", 25 + 20 * chance.unit(), 5);
  json.real("lon", -120 + 40 * chance.unit(), 5);
  json.close();
  if (with_sdk) {
    json.open("sdk");
    json.member("type", "twilio-voice-javascript");
    json.member("version", "2.12.1");
    json.member("platform", "browser");
    json.member("region", "us1");
    json.close();
  }
  json.close();
}

void write_media_edge(json_text& json, const edge_request& request, dice chance) {
  json.open(request.name);
  json.open("metrics");
  write_direction(json, request, true, chance);
  if (request.both_directions) write_direction(json, request, false, chance);
  json.close();
  json.open("properties");
  json.member("direction", chance.pick({"inbound", "outbound"}));
  json.member("edge_location", chance.pick({"ashburn", "umatilla", "dublin", "frankfurt"}));
  json.member("media_region", "us1");
  json.member("signaling_region", "us1");
  if (request.name == "sip_edge" || request.latency_and_variation) {
    json.member("external_media_ip", documentation_ip(chance));
    json.member("external_signaling_ip", documentation_ip(chance));
    json.member("twilio_media_ip", documentation_ip(chance));
    json.member("twilio_signaling_ip", documentation_ip(chance));
    json.member("sip_call_id", std::to_string(chance.between(100000000, 999999999)) + "@" + documentation_ip(chance));
    json.member("user_agent", "Example PBX 4.2");
  }
  json.close();
  json.close();
}

void write_sdk_edge(json_text& json, dice chance) {
  json.open("sdk_edge");
  json.open("metrics");
  json.open("inbound");
  json.member("codec", 111);
  json.member("codec_name", "opus");
  json.member("packets_received", chance.between(200, 90000));
  json.member("packets_lost", chance.between(0, 30));
  for (const char* metric : {"audio_in", "audio_out", "jitter", "mos", "rtt"}) write_range(json, metric, chance, 90, true);
  json.close();
  json.open("outbound");
  json.member("codec", 111);
  json.member("codec_name", "opus");
  json.member("packets_sent", chance.between(200, 90000));
  json.close();
  json.close();
  json.open("events");
  json.open("levels");
  for (const char* level : {"DEBUG", "INFO", "WARNING"}) json.member(level, chance.between(0, 20));
  json.close();
  json.open("groups");
  for (const char* group : {"connection", "get_user_media", "ice_connection_state", "ice_gathering_state", "network_quality_warning_raised",
                            "pc_connection_state", "settings", "signaling_state"})
    json.member(group, chance.between(1, 9));
  json.close();
  json.close();
  json.open("properties");
  json.member("direction", chance.pick({"inbound", "outbound"}));
  json.member("disconnected_by", chance.pick({"local", "remote"}));
  json.open("settings");
  json.member("dscp", true);
  json.member("ice_restart_enabled", true);
  json.member("edge", "ashburn");
  json.close();
  json.close();
  json.close();
}

void write_agent_sessions(json_text& json, dice chance) {
  json.open_list("agent_session_summaries");
  json.open();
  json.member("session_state", "ended");
  json.member("turns", chance.between(2, 40));
  for (const char* metric : {"application_latency_ms", "network_latency_ms", "stt_latency_ms", "tts_latency_ms"})
    write_range(json, metric, chance, 900, true);
  json.close();
  json.close_list();
}

void write_properties(json_text& json, dice chance, life when) {
  json.open("properties");
  json.member("direction", chance.pick({"inbound", "outbound_api", "outbound_dial"}));
  json.member("disconnected_by", when.at == stage::partial && when.version == 0 ? "unknown" : chance.pick({"caller", "callee"}));
  json.member("last_sip_response_num", 200);
  json.member("pdd_ms", chance.between(90, 4200));
  if (when.at == stage::complete) json.member("q850_cause", 16);
  json.close();
}

void write_trust(json_text& json, dice chance) {
  json.open("trust");
  json.open("verified_caller");
  json.member("verified", chance.chance(0.7));
  json.close();
  if (chance.chance(0.4)) {
    json.open("branded");
    json.member("enabled", true);
    json.member("display_name", "Meadow Dental");
    json.member("long_display_name", "Meadow Dental Practice (example)");
    json.member("use_case", "Appointment reminder");
    json.close();
  }
  json.close();
}

}  // namespace simulator
