#include "app/ctl/ctl.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

#include "app/ctl/ctl_request.hpp"
#include "app/ctl/doctor.hpp"
#include "app/ctl/doctor_request.hpp"
#include "core/auth/admin_rules.hpp"
#include "core/base/json_reader.hpp"
#include "core/telemetry/readable.hpp"
#include "io/admin_call.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/plain_file.hpp"
#include "io/files/settings_file.hpp"

namespace gateway {
namespace {

constexpr int done = 0;
constexpr int refused = 1;
constexpr int not_reachable = 69;  // EX_UNAVAILABLE
constexpr std::size_t most_of_number = 1024;
// A reload or an erasure may take ten seconds.
constexpr std::chrono::seconds longest_call{15};

int say(int status, const std::string& why) {
  std::fprintf(stderr, "summary-gateway ctl: %s\n", why.c_str());
  return status;
}

// Problems of other settings are none of ctl's: the gateway that runs may have been started before they came.
std::string why_unusable(const std::string& file, const loaded& from) {
  for (auto const& one : from.problems) {
    if (one.key.empty() || one.key.starts_with("admin")) return problem_line(file, one);
  }
  return {};
}

// The gateway listens on every address: it is on this machine.
std::string loopback_of(const std::string& address) { return address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address; }

// "message" of the gateway's own error; "" if there is none.
std::string message_of(std::string_view content) {
  json_reader reader;
  auto const whole = reader.parse(content);
  std::string found;
  if (whole) {
    whole->each_member([&](std::string_view name, json_value value) {
      if (name == "message") found = value.text().value_or("");
    });
  }
  return found;
}

// "" if it is no JSON.
std::string shown(const ctl_request& wanted, const std::string& content) {
  constexpr std::array views{readable, readable_status, readable_events};  // in the order of ctl_request::view
  auto const text = views[static_cast<std::size_t>(wanted.shown)](content);
  return wanted.as_json && !text.empty() ? content + "\n" : text;
}

}  // namespace

int run_ctl(const std::vector<std::string_view>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    auto const text = ctl_usage();
    return std::fputs(text.c_str(), words.empty() ? stderr : stdout), words.empty() ? bad_usage : done;
  }
  if (asks_for_doctor(words)) return run_doctor(words);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a connection that may be gone
  std::string why_not;
  auto const wanted = parse_ctl(words, why_not);
  if (!wanted) return say(bad_usage, why_not + " (summary-gateway ctl --help)");
  admin_settings admin;
  if (!wanted->config.empty()) {
    auto const from = read_settings({wanted->config});
    if (auto const why = why_unusable(wanted->config, from); !why.empty()) return say(bad_usage, why);
    admin = from.values.admin;
  }
  if (!wanted->admin.empty()) admin = {.address = wanted->admin, .token_file = wanted->token_file};
  auto where = parse_endpoint(admin.address);
  if (!where || (!where->is_unix() && where->port == 0))
    return say(bad_usage, "'" + admin.address + "' is no address of a gateway: give --admin ADDRESS:PORT or unix:/SOCKET");
  where->address = loopback_of(where->address);
  file_content token;
  if (!admin.token_file.empty()) token = read_secret(admin.token_file, secret_form::admin_token);
  if (!token.why_not.empty()) return say(bad_usage, token.why_not);
  secret const mine{strongest_token(token.text.reveal())};
  if (mine.empty() && !token.text.empty())
    return say(bad_usage, admin.token_file + " has only hashes of tokens: give --admin and --token-file with the token itself");
  auto tls = wanted->tls;
  if (tls.server.empty()) tls.server = admin.tls.certificate;
  secret number;
  if (!wanted->number_file.empty()) {
    plain_file file{wanted->number_file, plain_file::pipes::taken};
    auto text = file.read(most_of_number);
    number.assign(text);
    wipe(text);
    if (!file.why_not().empty()) return say(bad_usage, file.why_not());
  }
  auto const answer =
      call_admin(*where, {wanted->method, wanted->target, number}, mine, answer_part::everything, mono_now() + longest_call, tls);
  if (answer.status == 0) return say(not_reachable, admin.address + ": " + answer.line);
  if (answer.status / 100 != 2) {
    auto const why = message_of(answer.content);
    return say(refused, why.empty() ? answer.line : why);
  }
  auto const text = shown(*wanted, answer.content);
  if (text.empty()) return say(not_reachable, admin.address + ": what answers there is no gateway");
  std::fputs(text.c_str(), stdout);
  return done;
}

}  // namespace gateway
