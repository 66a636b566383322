#include "control_api.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "json_fields.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

control_reply refused(unsigned status, std::string_view problem) {
  json::object object;
  object["error"] = json::string_view{problem.data(), problem.size()};
  return {status, json::serialize(object)};
}

control_reply unknown(std::string_view method, std::string_view path) {
  return refused(404, "no such control request: " + std::string{method} + " " + std::string{path});
}

control_reply done(const std::optional<std::string>& problem) { return problem ? refused(400, *problem) : control_reply{200, "{}"}; }

control_reply done(const control_outcome& outcome) {
  return outcome.problem ? refused(400, *outcome.problem) : control_reply{200, json::serialize(outcome.made)};
}

std::optional<std::string> wanted_call(std::string_view target) {
  std::optional<std::string> wanted;
  for_each_pair(query_of(target), [&](const std::string& name, const std::string& value) {
    if (name == "call_sid") wanted = value;
  });
  return wanted;
}

control_reply set_barrier(const json::value& change, twilio& world, const control_effects& effects) {
  json_fields fields{change, "barrier"};
  const auto hold = fields.flag("hold");
  if (!hold) fields.complain(".hold is missing");
  if (const auto problem = fields.problem()) return refused(400, *problem);
  world.hold(*hold);
  if (!*hold) effects.wake_all();
  return {200, "{}"};
}

control_reply authority(const control_effects& effects) {
  if (effects.ca_pem.empty()) return refused(404, "--certificate was given: whoever made that file knows its authority");
  return {200, effects.ca_pem, "application/x-pem-file"};
}

control_reply look(std::string_view target, std::string_view path, twilio& world, const control_effects& effects, real_time now) {
  if (path == "/ca.pem") return authority(effects);
  if (path == "/state") return {200, json::serialize(world.state(now))};
  if (path == "/requests") return {200, json::serialize(world.requests(wanted_call(target)))};
  if (path == "/deliveries") return {200, json::serialize(world.deliveries())};
  return unknown("GET", path);
}

control_reply remove(std::string_view path, twilio& world) {
  if (path == "/requests")
    world.forget_requests();
  else if (path == "/faults")
    world.clear_faults();
  else if (path == "/sinks")
    world.remove_sinks();
  else if (path == "/deliveries")
    world.forget_deliveries();
  else
    return unknown("DELETE", path);
  return {200, "{}"};
}

control_reply change(std::string_view path, const json::value& value, twilio& world, const control_effects& effects, real_time now) {
  if (path == "/calls") return done(world.put_call(value, now));
  if (path == "/faults") return done(world.load_faults(value));
  if (path == "/clock") return done(world.change_clock(value, now));
  if (path == "/limit") return done(world.change_limit(value));
  if (path == "/latency") return done(world.change_latency(value));
  if (path == "/credentials") return done(world.put_credential(value));
  if (path == "/tokens") return done(world.change_tokens(value));
  if (path == "/sinks") return done(world.put_sink(value));
  if (path == "/subscriptions") return done(world.subscribe(value));
  if (path == "/events") return done(world.send_events(value, now));
  return set_barrier(value, world, effects);
}

}  // namespace

control_reply answer_control(std::string_view method, std::string_view target, std::string_view body, twilio& world,
                             const control_effects& effects, real_time now) {
  const std::string_view path = path_of(target);
  if (method == "GET") return look(target, path, world, effects, now);
  if (method == "DELETE") return remove(path, world);
  if (method == "POST" && path == "/connections/close") {
    json::object closed;
    closed["closed"] = effects.close_idle();
    return {200, json::serialize(closed)};
  }

  static constexpr std::string_view posts[] = {"/calls",  "/faults",  "/clock", "/limit",         "/latency", "/credentials",
                                               "/tokens", "/barrier", "/sinks", "/subscriptions", "/events"};
  if (std::ranges::find(posts, path) == std::end(posts) || method != "POST") return unknown(method, path);
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view{body.data(), body.size()}, error);
  if (error) return refused(400, "the body is not JSON: " + error.message());
  return change(path, value, world, effects, now);
}

}  // namespace simulator
