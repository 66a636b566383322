#include "core/doctor/judgements.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/text.hpp"
#include "core/upstream/clock_skew.hpp"

namespace gateway {
namespace {

using step = way_report::step;

constexpr std::chrono::seconds small_skew{5};
constexpr std::chrono::seconds large_skew{60};
// The first release with all commands that the fleet's scripts use.
constexpr std::uint64_t oldest_major = 6, oldest_minor = 2;

finding skipped(std::string check, std::string why) { return {std::move(check), health::skipped, std::move(why)}; }

std::string days_text(std::chrono::nanoseconds span) {
  auto const days = std::chrono::floor<std::chrono::days>(span).count();
  return std::to_string(days) + (days == 1 ? " day" : " days");
}

std::string advice_on_handshake(const way_report& way, const way_settings& named) {
  auto const says = [&](std::string_view part) { return way.cause.find(part) != std::string::npos; };
  if (way.failed == fault::upstream_timeout) return "is it a TLS server? Check " + named.url;
  if (says("expired")) return "the host needs a new certificate; or the clock of this machine is wrong";
  if (says("not yet valid")) return "the clock of this machine is wrong, or the certificate begins later";
  if (says("mismatch")) return named.url + " must name the host that the certificate is for";
  if (says("self-signed") || says("self signed") || says("local issuer"))
    return "name its authority in " + named.authorities + "; an unknown authority may be a middlebox that inspects TLS";
  return "check " + named.url + " and " + named.authorities;
}

finding judge_tunnel(const std::string& label, const way_report& way, const way_settings& named) {
  auto const check = label + " egress";
  if (way.ended_at != step::tunnel) return {check, health::ok, "the egress proxy opens a tunnel"};
  if (way.failed == fault::egress_auth)
    return {check, health::fail, "the egress proxy wants another credential", "correct the file of " + named.proxy_credential};
  auto const advice = way.failed == fault::egress_refused ? "allow CONNECT to the upstream in the proxy's rules" : "check " + named.proxy;
  return {check, health::fail, "the egress proxy opened no tunnel: " + way.cause, advice};
}

finding judge_tls(const std::string& label, const way_report& way, const way_settings& named, wall_time now) {
  auto const check = label + " TLS";
  if (!way.has_tls) return skipped(check, "plaintext, as the settings say");
  if (way.ended_at == step::handshake) return {check, health::fail, way.cause, advice_on_handshake(way, named)};
  auto const left = days_text(way.life.end - now);
  auto const seen = way.protocol + ", chain and name are good, for " + left;
  if (judge(way.life, now) == certificate_state::good) return {check, health::ok, seen};
  return {check, health::warn, seen, "the host should renew its certificate"};
}

}  // namespace

std::vector<finding> judge_way(const std::string& label, const way_report& way, const way_settings& named, wall_time now) {
  std::vector<finding> all;
  auto const at = [&](step which) { return way.ended_at == which; };
  auto const add_skipped = [&](std::string_view what) { all.push_back(skipped(label + std::string{what}, "there is no connection")); };
  auto const setting = way.by_proxy ? named.proxy : named.url;
  if (at(step::name)) {
    all.push_back({label + " name", health::fail, way.dialled + " cannot be resolved" + (way.cause.empty() ? "" : ": " + way.cause),
                   "check " + setting + " and the name servers of this machine"});
  } else {
    auto const count = std::to_string(way.addresses) + (way.addresses == 1 ? " address" : " addresses");
    all.push_back({label + " name", health::ok, way.dialled + " has " + count});
  }
  if (at(step::name)) {
    add_skipped(" connection");
  } else if (at(step::connection)) {
    all.push_back({label + " connection", health::fail, way.dialled + " accepts no connection: " + way.cause,
                   "check " + setting + ", firewalls, and whether a server listens there"});
  } else {
    all.push_back({label + " connection", health::ok, way.dialled + " accepts connections"});
  }
  bool const is_connected = way.ended_at > step::connection;
  if (way.by_proxy) is_connected ? all.push_back(judge_tunnel(label, way, named)) : add_skipped(" egress");
  is_connected && !at(step::tunnel) ? all.push_back(judge_tls(label, way, named, now)) : add_skipped(" TLS");
  return all;
}

finding judge_answer_without_credential(const std::string& label, std::optional<fault> failed, int status, int code,
                                        const std::string& url_setting) {
  auto const check = label + " answer";
  auto const not_twilio = "does " + url_setting + " lead to Twilio? A proxy or a login page may answer in its place";
  if (failed) return {check, health::fail, "no usable answer: " + std::string{name_of(*failed)}, not_twilio};
  auto const seen = "without a credential it answers " + std::to_string(status) + (code == 0 ? "" : ", code " + std::to_string(code));
  if (status == 401 && code == 20003) return {check, health::ok, seen + ", as Twilio does"};
  if (status == 429 || status >= 500) return {check, health::warn, seen, "it is in trouble now; try again"};
  return {check, health::fail, seen, "Twilio answers 401, code 20003; " + not_twilio};
}

finding judge_clock(const std::string& label, std::string_view date, wall_time sent, wall_time received) {
  auto const check = label + " clock";
  auto const skew = clock_skew(date, sent, received);
  if (!skew) return skipped(check, "its answer has no date");
  auto const seconds = std::chrono::round<std::chrono::seconds>(*skew).count();
  auto const away = std::chrono::abs(*skew);
  if (away <= small_skew) return {check, health::ok, "agrees with the upstream's"};
  auto const seen =
      "this machine is " + std::to_string(std::abs(seconds)) + " s " + (seconds > 0 ? "ahead of" : "behind") + " the upstream";
  return {check, away <= large_skew ? health::warn : health::fail, seen,
          "let NTP set the clock: certificates, tokens and the 30 days of a summary depend on it"};
}

finding judge_credential(const std::string& label, std::optional<fault> failed, int status, const verdict& meaning,
                         const std::string& file_setting) {
  if (failed) return {label, health::fail, "no usable answer: " + std::string{name_of(*failed)}, "see the checks of the upstream"};
  auto const seen = std::to_string(status) + (meaning.code == 0 ? "" : ", code " + std::to_string(meaning.code));
  auto const evidence = evidence_of(status, meaning);
  if (meaning.code == 17000)
    return {label, health::warn, "accepted, but not for Voice Insights (" + seen + ")", "is Voice Insights on for this account?"};
  if (proves(evidence)) return {label, health::ok, "accepted (" + seen + " for a call that does not exist)"};
  if (meaning.code == 70051)
    return {label, health::fail, "a restricted key that may not read summaries (" + seen + ")", "give it that permission"};
  if (meaning.code == 20403) return {label, health::fail, "the account is suspended (" + seen + ")", "ask Twilio"};
  if (evidence == credential_evidence::refused)
    return {label, health::fail, "refused (" + seen + ")", "put a good credential into " + file_setting};
  if (status == 429) return {label, health::warn, "not tried: the account's limit is used up (429)", "try again"};
  return {label, health::warn, "not clear: the upstream answered " + seen, "try again"};
}

finding judge_token(const std::string& label, token_result is, std::string_view error) {
  auto const check = label + " token";
  if (is == token_result::issued) return {check, health::ok, "the endpoint gives a token"};
  auto seen = std::string{sentence_of(is)};
  if (!error.empty()) seen.append(", ").append(error);
  if (is == token_result::client_refused) return {check, health::fail, seen, "correct client_id and the file of client_secret_file"};
  return {check, health::fail, seen, "check token_url; is it Twilio's endpoint?"};
}

finding judge_engine(const std::string& address, const std::string& why_not) {
  if (why_not.empty()) return {"engine", health::ok, address + " serves this user"};
  return {"engine", health::fail, address + ": " + why_not, "check fleet.url, fleet.user, fleet.password_file and the engine's rules"};
}

std::vector<finding> judge_engine_kind(std::string_view eviction, std::string_view version) {
  std::vector<finding> all;
  if (eviction.starts_with("allkeys")) {
    all.push_back(
        {"engine eviction", health::warn, "it may evict any key (" + std::string{eviction} + ")", "set maxmemory-policy volatile-lru"});
  } else {
    all.push_back({"engine eviction", health::ok, eviction.empty() ? "it has no bound of memory, or does not say" : std::string{eviction}});
  }
  auto const dot = version.find('.');
  auto const major = parse_decimal(version.substr(0, dot));
  auto const minor =
      dot == std::string_view::npos ? std::nullopt : parse_decimal(version.substr(dot + 1, version.find('.', dot + 1) - dot - 1));
  if (!major || !minor) {
    all.push_back(skipped("engine version", "it does not say"));
  } else if (std::pair{*major, *minor} < std::pair{oldest_major, oldest_minor}) {
    all.push_back({"engine version", health::fail, std::string{version} + " is too old", "Redis 6.2 or later, or Valkey"});
  } else {
    all.push_back({"engine version", health::ok, std::string{version}});
  }
  return all;
}

finding judge_webhook(std::optional<fault> failed, int status, std::string_view fault_field) {
  finding made{"events answer", health::fail, "an unsigned delivery gets " + std::to_string(status)};
  auto const balancer = "let the balancer send events.public_url unchanged to events.address";
  if (failed) {
    made.seen = "no usable answer: " + std::string{name_of(*failed)};
    made.right = balancer;
  } else if (status == 403 && fault_field == name_of(fault::event_signature)) {
    made.is = health::ok;
    made.seen += ", as it should";
  } else if (fault_field == name_of(fault::event_path)) {
    made.right = "the path is changed on its way: " + std::string{balancer};
  } else if (status / 100 == 2) {
    made.right = "another program takes deliveries there, and does not check signatures";
  } else {
    made.right = balancer;
  }
  return made;
}

finding judge_own_certificate(const std::string& label, const certificate_life& life, wall_time now) {
  auto const remark = remark_on(life, now);
  if (remark.empty()) return {label, health::ok, "good for " + days_text(life.end - now)};
  auto const is = judge(life, now) == certificate_state::ends_soon ? health::warn : health::fail;
  return {label, is, remark, "the gateway reads a changed file by itself"};
}

}  // namespace gateway
