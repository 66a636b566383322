// argv → settings → server → exit code: 0 drained, 64 bad usage or configuration, 70 internal or an end that lost something.
#include <sodium.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/ctl/ctl.hpp"
#include "app/server/server.hpp"
#include "core/auth/token.hpp"
#include "core/settings/command_line.hpp"
#include "core/settings/listening.hpp"
#include "core/settings/probe_target.hpp"
#include "io/files/settings_file.hpp"
#include "io/probe.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"
#include "io/runtime/signal_watch.hpp"
#include "io/runtime/wiping_heap.hpp"

namespace {

constexpr int exit_drained = 0;
constexpr int exit_unwell = 1;     // --probe got no 2xx
constexpr int exit_usage = 64;     // EX_USAGE
constexpr int exit_internal = 70;  // EX_SOFTWARE

constexpr std::chrono::milliseconds last_lines{200};

int refuse_usage(const std::string& why) {
  std::fprintf(stderr, "summary-gateway: %s; --help says more\n", why.c_str());
  return exit_usage;
}

int print_version() {
  std::printf("summary-gateway %s\n", GATEWAY_VERSION);
  if (gateway::clock_speed != 1) std::printf("for benches only: its clock runs %d times as fast as the machine's\n", gateway::clock_speed);
  return exit_drained;
}

// The token is no argument, because the process list shows arguments to every user.
int hash_token() {
  gateway::signal_watch::release();
  std::string line(1024, '\0');
  line.resize(std::fread(line.data(), 1, line.size(), stdin));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  gateway::secret const token{line};
  sodium_memzero(line.data(), line.capacity());
  if (!gateway::is_strong_token(token.reveal())) {
    return refuse_usage("a token has 32 or more letters, digits or -._~+/; openssl rand -hex 32 makes one");
  }
  return std::printf("%s\n", gateway::token_hash_text(gateway::hash_of_token(token.reveal())).c_str()), exit_drained;
}

int ask(std::string_view url) {
  gateway::signal_watch::release();
  auto const what = gateway::parse_probe_target(url);
  if (!what) return refuse_usage("--probe takes http://ADDRESS:PORT/PATH or unix:/SOCKET:/PATH");
  std::string said;
  bool const well = gateway::probe(*what, said);
  std::fprintf(well ? stdout : stderr, "%s\n", said.c_str());
  return well ? exit_drained : exit_unwell;
}

// The exit code of an action that needs no settings.
std::optional<int> act_without_settings(const gateway::command_line& wanted) {
  using action = gateway::command_line::action;
  switch (wanted.what) {
    case action::help:
      return std::fwrite(gateway::usage_text().data(), 1, gateway::usage_text().size(), stdout), exit_drained;
    case action::version:
      return print_version();
    case action::hash_token:
      return hash_token();
    case action::probe:
      return ask(wanted.url);
    case action::ctl:
      gateway::signal_watch::release();
      return gateway::run_ctl(wanted.ctl_words);
    default:
      return std::nullopt;
  }
}

// Comments say what auto is here; the rest can be read as settings.
void print(const gateway::settings& values) {
  for (auto const& one : gateway::explain_auto(values)) std::printf("# %s\n", one.c_str());
  std::fputs(gateway::print_settings(values, false).c_str(), stdout);
}

void end_log() { gateway::stop_log(gateway::mono_now() + last_lines); }

// Destructors would wait for what hangs.
[[noreturn]] void end_without_destructors(int status) {
  end_log();
  std::_Exit(status);
}

int refuse_start(int status, const std::string& why) {
  end_log();
  std::fprintf(stderr, "summary-gateway: %s\n", why.c_str());
  return status;
}

// Takes inherited listening sockets, from the environment or from a predecessor. A value is the exit code of a refusal.
std::optional<int> inherit(const gateway::settings& values, bool take_over, gateway::inherited_sockets& sockets,
                           gateway::predecessor& before) {
  std::string why_not;
  if (!sockets.take_from_environment(why_not)) return refuse_start(exit_usage, why_not);
  if (auto const stranger = sockets.stranger(gateway::listening_addresses(values)); !stranger.empty())
    return refuse_start(exit_usage,
                        "a listening socket on " + stranger + " was inherited, but no listener of the settings has that address");
  if (!take_over) return std::nullopt;
  if (values.handover.empty())
    return refuse_start(exit_usage, "--take-over needs the setting handover, where the running gateway gives its sockets");
  if (before.ask(gateway::parse_endpoint(values.handover)->unix_path, sockets, why_not)) return std::nullopt;
  return refuse_start(exit_internal, why_not);
}

// Other programs take their proxy from the environment. An operator who has set it there learns that it has no effect here.
void warn_of_proxy_variables(const gateway::settings& values) {
  if (!values.upstream.proxy.empty()) return;
  for (auto const* const name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
    auto const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread changes the environment
    if (value == nullptr || *value == '\0') continue;
    gateway::log_warning("{} is set, but the gateway does not read it; the setting upstream.proxy names an egress proxy", name);
    return;
  }
}

int serve(const gateway::settings& values, const gateway::command_line& wanted, gateway::signal_watch& signals) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);                             // a write beyond the file size limit then fails and is reported there
  auto const by = gateway::supervision::from_environment();  // before a second thread reads the environment
  gateway::inherited_sockets inherited;
  gateway::predecessor before;
  if (auto const refused = inherit(values, wanted.what == gateway::command_line::action::take_over, inherited, before)) return *refused;
  gateway::start_log(values.log.level, values.log.format);
  warn_of_proxy_variables(values);
  gateway::server server{values, wanted.settings, by, before.is_there(), signals};
  std::string why_not;
  if (!server.bind(inherited, why_not)) return refuse_start(exit_internal, why_not);
  inherited = {};  // closes sockets of the predecessor that no listener uses
  auto const how = server.run([&] {
    if (!signals.is_ending()) before.relieve();  // else the predecessor goes on
  });
  auto const status = how.is_whole ? exit_drained : exit_internal;
  if (!how.is_clean) end_without_destructors(status);  // defence: hung-left-behind
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  using action = gateway::command_line::action;
  gateway::signal_watch::hold();  // defence: signals-held
  try {
    if (!gateway::use_wiping_heap()) throw std::runtime_error{"OpenSSL uses memory before main() begins"};
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot start"};
    std::string why_not;
    auto const wanted = gateway::parse_command_line({argv + 1, argv + argc}, why_not);
    if (!wanted) return refuse_usage(why_not);
    if (auto const done = act_without_settings(*wanted)) return *done;
    bool const checks = wanted->what == action::check;
    if (checks || wanted->what == action::print) gateway::signal_watch::release();
    auto const settings = gateway::read_settings(wanted->settings);
    auto const& path = wanted->settings.path;
    for (auto const& one : settings.problems) std::fprintf(checks ? stdout : stderr, "%s\n", gateway::problem_line(path, one).c_str());
    if (!settings.problems.empty()) return exit_usage;
    for (auto const& one : checks ? settings.remarks : std::vector<gateway::problem>{})
      std::printf("%s\n", gateway::problem_line(path, one).c_str());
    if (checks) return std::printf("%s: good\n", gateway::shown_path(path).c_str()), exit_drained;
    if (wanted->what == action::print) return print(settings.values), exit_drained;
    gateway::share_one_heap();
    if (!settings.values.debug.core_dumps) gateway::forbid_core_dumps();
    gateway::signal_watch signals;
    auto const status = serve(settings.values, *wanted, signals);
    end_log();
    return status;
  } catch (const std::exception& error) {
    end_log();
    std::fprintf(stderr, "summary-gateway: %s\n", error.what());
    return exit_internal;
  }
}
