#include "core/settings/command_line.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gateway {
namespace {

using action = command_line::action;

struct option {
  std::string_view name, short_name;
  action what;
};
// Those that choose what is done and take no value.
constexpr std::array<option, 6> actions{{{"--help", "-h", action::help},
                                         {"--version", "-V", action::version},
                                         {"--take-over", "", action::take_over},
                                         {"--check-config", "", action::check},
                                         {"--print-config", "", action::print},
                                         {"--hash-token", "", action::hash_token}}};

// The words in order; the value of an option stands in the same word behind "=", or is the next one.
class word_reader {
public:
  explicit word_reader(const std::vector<std::string_view>& words) : words_(words) {}

  [[nodiscard]] bool is_done() const { return at_ == words_.size(); }
  std::string_view next() { return words_[at_++]; }
  // True: the word is the option; `value` is what it takes, "" if that is missing.
  bool takes(std::string_view word, std::string_view name, std::string_view short_name, std::string_view& value) {
    if (word == name || (!short_name.empty() && word == short_name)) {
      bool const is_there = !is_done() && !words_[at_].starts_with("--");
      value = is_there ? next() : std::string_view{};
      return true;
    }
    if (!word.starts_with(name) || word.size() == name.size() || word[name.size()] != '=') return false;
    value = word.substr(name.size() + 1);
    return true;
  }

private:
  const std::vector<std::string_view>& words_;
  std::size_t at_ = 0;
};

bool needs_file(action what) { return what == action::serve || what == action::take_over || what == action::check; }
bool reads_settings(action what) { return needs_file(what) || what == action::print; }

}  // namespace

std::optional<command_line> parse_command_line(const std::vector<std::string_view>& words, std::string& why_not) {
  command_line made;
  auto const refuse = [&](std::string why) { return why_not = std::move(why), std::nullopt; };
  if (!words.empty() && words[0] == "ctl") {
    made.what = action::ctl;
    made.ctl_words.assign(words.begin() + 1, words.end());
    return made;
  }
  std::string_view chosen;
  word_reader from{words};
  auto const choose = [&](std::string_view name, action what) {
    if (!chosen.empty() && chosen != name) return refuse("give " + std::string{chosen} + " or " + std::string{name} + ", not both"), false;
    chosen = name;
    made.what = what;
    return true;
  };
  while (!from.is_done()) {
    auto const word = from.next();
    std::string_view value;
    auto const* const action_of =
        std::ranges::find_if(actions, [&](const option& one) { return word == one.name || (!word.empty() && word == one.short_name); });
    if (action_of != actions.end()) {
      if (action_of->what == action::help || action_of->what == action::version) return command_line{action_of->what};
      if (!choose(action_of->name, action_of->what)) return std::nullopt;
    } else if (from.takes(word, "--config", "-c", value)) {
      if (!made.settings.path.empty()) return refuse("--config is given twice; one file holds all settings");
      if (value.empty()) return refuse("--config needs a file, or - for standard input");
      made.settings.path = value;
    } else if (from.takes(word, "--set", "", value)) {
      auto const equals = value.find('=');
      if (equals == 0 || equals == std::string_view::npos) return refuse("--set needs KEY=VALUE, such as upstream.timeout=5s");
      made.settings.set.push_back({std::string{value.substr(0, equals)}, std::string{value.substr(equals + 1)}});
    } else if (from.takes(word, "--probe", "", value)) {
      if (value.empty()) return refuse("--probe needs a URL");
      if (!choose("--probe", action::probe)) return std::nullopt;
      made.url = value;
    } else {
      return refuse("unknown argument '" + std::string{word} + "'");
    }
  }
  if (needs_file(made.what) && made.settings.path.empty()) return refuse("--config FILE is missing");
  if (!reads_settings(made.what) && (!made.settings.path.empty() || !made.settings.set.empty()))
    return refuse(std::string{chosen} + " takes no settings");
  return made;
}

std::string_view usage_text() {
  return "usage: summary-gateway --config FILE [--set KEY=VALUE]... [--take-over | --check-config | --print-config]\n"
         "       summary-gateway ctl COMMAND                 (ask a running gateway: status, explain, purge ...; ctl --help)\n"
         "       summary-gateway --hash-token < TOKEN\n"
         "       summary-gateway --probe URL\n"
         "\n"
         "A caching reverse proxy for Twilio Voice Insights Call Summaries.\n"
         "\n"
         "  -c, --config FILE  settings, YAML (every key has a default; see config/gateway.yaml); - reads standard input, and then a "
         "reload\n"
         "                     is refused\n"
         "  --set KEY=VALUE    a setting that stands over the file, after a reload too: --set upstream.timeout=5s\n"
         "  --take-over        take the listening sockets of the running gateway (setting handover), which then drains\n"
         "  --check-config     print every problem of the settings with file:line and key, then exit: 0 if there is none, else 64\n"
         "  --print-config     print the effective settings, without --config the defaults, then exit\n"
         "  --hash-token       read a client's token from standard input and print the line for its token_file, then exit\n"
         "  --probe URL        GET http://ADDRESS:PORT/PATH or unix:/SOCKET[:/PATH] (else /readyz): 0 if the answer is a 2xx within two\n"
         "                     seconds, else 1\n"
         "  -V, --version      print the version, then exit\n"
         "  -h, --help         print this, then exit\n"
         "\n"
         "SIGTERM or SIGINT drains, then exits (0 if nothing was lost); a second one ends the program at once. SIGHUP reads the settings\n"
         "again. SIGUSR1 opens log.access_file anew; SIGQUIT writes the last slow and failed requests to standard error.\n"
         "Exit status: 0 drained, 1 --probe says no, 64 bad usage or settings, 70 internal failure, requests that were cut at the end, or\n"
         "no last snapshot. The end takes limits.drain_delay, limits.drain_timeout and 11 s at most.\n";
}

}  // namespace gateway
