#include "app/ctl/doctor.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/ctl/ctl.hpp"
#include "app/ctl/doctor_request.hpp"
#include "app/ctl/doctor_rounds.hpp"
#include "core/settings/probe_target.hpp"
#include "core/settings/validate_events.hpp"
#include "io/files/access_files.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/settings_file.hpp"
#include "io/net/server_tls.hpp"
#include "io/probe.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr int healthy = 0;
constexpr int unwell = 1;

int refuse(const std::string& why) {
  std::fprintf(stderr, "summary-gateway ctl: %s (summary-gateway ctl --help)\n", why.c_str());
  return bad_usage;
}

// The files of secrets are read, and their permissions judged, with the settings.
std::vector<finding> judge_settings(const std::string& path, const loaded& from) {
  std::vector<finding> all;
  for (auto const& one : from.problems) all.push_back({"settings", health::fail, problem_line(path, one), ""});
  for (auto const& one : from.remarks) all.push_back({"settings", health::warn, problem_line(path, one), ""});
  if (from.problems.empty())
    all.push_back({"settings", health::ok, "good, and so are the files that they name: form, and who else can read them"});
  return all;
}

void add_certificate(std::vector<finding>& to, const std::string& label, const tls_settings& files) {
  std::string why_not;
  auto const made = make_listener_tls(files, why_not);
  if (made) to.push_back(judge_own_certificate(label, made->life, now().wall));
}

std::vector<finding> judge_own(const settings& values) {
  std::vector<finding> all;
  for (auto const& one : values.listeners) {
    if (one.tls) add_certificate(all, "certificate of " + one.address, *one.tls);
  }
  if (auto const tls = values.events.is_on() ? tls_of(values.events) : std::nullopt) add_certificate(all, "certificate of events", *tls);
  auto const& address = values.admin.address;
  auto const what = parse_probe_target(address.starts_with("unix:") ? address : "http://" + address);
  if (!what || (!what->where.is_unix() && what->where.port == 0)) return all;
  std::string said;
  finding gateway{"gateway", health::ok, "it runs and is ready"};
  if (!probe(*what, said)) {
    bool const answers = said.starts_with("HTTP/");
    gateway = answers ? finding{"gateway", health::warn, "it is not ready", "it drains, or another program listens at admin.address"}
                      : finding{"gateway", health::skipped, "none answers at " + address};
  }
  all.push_back(std::move(gateway));
  return all;
}

int show(const std::vector<finding>& all, const std::string& live, bool as_json) {
  auto const text = as_json ? findings_json(all) : findings_text(all);
  std::fputs(text.c_str(), stdout);
  if (!live.empty()) std::fprintf(as_json ? stderr : stdout, "\n%s", live.c_str());
  std::fflush(stdout);
  return any_failed(all) ? unwell : healthy;
}

}  // namespace

int run_doctor(const std::vector<std::string_view>& words) {
  std::string why_not;
  auto const wanted = parse_doctor(words, why_not);
  if (!wanted) return refuse(why_not);
  std::signal(SIGPIPE, SIG_IGN);
  set_log(log_level::error, log_format::text);
  file_content own;
  if (!wanted->credential_file.empty()) own = read_secret(wanted->credential_file, secret_form::account_credential);
  if (!own.why_not.empty()) return refuse("--credential-file: " + own.why_not);
  auto const from = read_settings(wanted->settings);
  auto all = judge_settings(wanted->settings.path, from);
  if (!from.problems.empty()) return show(all, "", wanted->as_json);
  auto const& values = from.values;
  for (auto& one : judge_own(values)) all.push_back(std::move(one));

  auto const access = read_access(values.credentials, fingerprint_key{});
  auto const* const injecting = access.rules.injecting ? &*access.rules.injecting : nullptr;
  auto const authorization = own.text.empty() ? secret{} : compose_authorization(own.text.reveal());
  worker at{1, values};
  doctor_rounds rounds{at, values, injecting, authorization, wanted->live};
  at.start();
  at.start_task("doctor", rounds.run());
  at.loop.run();
  for (auto const& one : rounds.findings()) all.push_back(one);
  if (wanted->live && rounds.live().empty())
    all.push_back({"live", health::skipped, "no credential was accepted to ask with; --credential-file FILE gives one"});
  auto const status = show(all, rounds.live(), wanted->as_json);
  if (at.left_work()) std::_Exit(status);  // a name server hangs
  return status;
}

}  // namespace gateway
