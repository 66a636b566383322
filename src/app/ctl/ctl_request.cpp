#include "app/ctl/ctl_request.hpp"

#include <algorithm>
#include <array>

#include "app/admin/admin_parameters.hpp"
#include "app/admin/lever_order.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

using words = std::vector<std::string_view>;

// An option of a command is a parameter of the admin resource.
struct option {
  std::string_view name, parameter;
  std::string_view value = "";  // of an option that takes none
  bool is_text = false;         // its value may hold any character
};
constexpr std::string_view number_file = "--number-file";
constexpr std::array<option, 13> options{{{"--call", "call_sid"},
                                          {"--account", "account_sid"},
                                          {"--all", "all", "true"},
                                          {"--hard", "hard", "true"},
                                          {"--state", "state"},
                                          {"--min", "min"},
                                          {"--client", "client", "", true},
                                          {"--fault", "fault"},
                                          {"--outcome", "outcome"},
                                          {"--limit", "limit"},
                                          {"--since", "since"},
                                          {"--for", "for"},
                                          {"--upstream", "upstream", "", true}}};

// True if the resource would understand the parameters.
using check = bool (*)(std::string_view query);

struct command {
  std::string_view name, method, resource;  // of /api
  std::string_view operands;                // the parameters that stand without an option, in order
  std::string_view takes;                   // its options
  check is_right;
  std::string_view usage, prose;
  ctl_request::view shown = ctl_request::view::plain;
};

bool has_none(std::string_view query) { return query.empty(); }

bool is_slow(std::string_view query) {
  std::string why_not;
  return read_slow(query, why_not).has_value();
}

template <lever_command Which>
bool is_lever(std::string_view query) {
  std::string why_not;
  return read_lever(Which, query, why_not).has_value();
}

constexpr std::array<command, 19> commands{{
    {"status", "GET", "stats", "", "", has_none, "", "is it ready, what does it hold, how are the upstream and the fleet",
     ctl_request::view::status},
    {"explain", "GET", "explain", "call_sid", "--state --client", [](std::string_view query) { return read_explain(query).has_value(); },
     "CA... [--state complete|partial|all] [--client NAME]", "what is cached of a call, and what its next request would do"},
    {"slow", "GET", "slow", "", "--min --client --fault --outcome --limit", is_slow,
     "[--min 50ms] [--client NAME] [--fault F] [--outcome O] [--limit N]",
     "the last slow, failed, refused and sampled requests, newest first"},
    {"clients", "GET", "clients", "", "", has_none, "", "the busiest clients"},
    {"events", "GET", "events", "", "--since", [](std::string_view query) { return read_events(query).has_value(); }, "[--since N]",
     "what happened to the gateway: the last 200 entries of its logbook, oldest first", ctl_request::view::events},
    {"audit", "GET", "audit", "", "--since", [](std::string_view query) { return read_events(query).has_value(); }, "[--since N]",
     "who changed the gateway, or tried to: the last lines of its audit trail, oldest first", ctl_request::view::events},
    {"whoami", "GET", "whoami", "", "", has_none, "", "your name here, your role, and what you may change"},
    {"shadow", "GET", "shadow", "", "", has_none, "",
     "which policy would be better: hit ratio and upstream calls of those in the setting shadow"},
    {"fleet", "GET", "fleet", "", "", has_none, "", "the gateways that act as one, and their engine"},
    {"config", "GET", "config", "", "", has_none, "", "the settings in force"},
    {"purge", "POST", "purge", "", "--call --account --all --hard", [](std::string_view query) { return read_purge(query).has_value(); },
     "--call CA... | --account AC... | --all [--hard]", "the next request asks the upstream first; --hard erases at once"},
    {"erase", "POST", "erase", "", "--number-file", has_none, "--number-file FILE",
     "erase all that is kept about the phone number or SIP address in FILE, here and in the fleet"},
    {"erasures", "GET", "erasures", "", "", has_none, "",
     "the records of the last erasures: a keyed hash of the number, when, how many answers, which gateways confirmed"},
    {"reload", "POST", "reload", "", "", has_none, "", "apply the changed settings and files, all of them or none"},
    {"alert-test", "POST", "alert_test", "", "", has_none, "", "raise the alert SummaryGatewayTest for five minutes: do alerts reach you?"},
    {"pause", "POST", "pause", "", "--for --upstream", is_lever<lever_command::pause>, "[--for 10m] [--upstream NAME]",
     "send nothing to the upstream for so long; what is cached is served"},
    {"resume", "POST", "resume", "", "--upstream", is_lever<lever_command::resume>, "[--upstream NAME]", "end that pause"},
    {"limit", "POST", "limit", "account limit", "--for --upstream", is_lever<lever_command::limit>, "ACCOUNT N|auto [--for 1h]",
     "the account has at most N exchanges at once; auto: as many as the gateway learns"},
    {"circuit", "POST", "circuit", "account state", "--for --upstream", is_lever<lever_command::circuit>, "ACCOUNT open|close [--for 10m]",
     "open: send nothing for the account; close: go on, as if nothing had failed"},
}};

bool takes(const command& one, std::string_view name) {
  auto const at = one.takes.find(name);
  return at != std::string_view::npos && (at + name.size() == one.takes.size() || one.takes[at + name.size()] == ' ');
}

// What a query may hold as it is; nothing that an operator would ask for needs more.
bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

std::string list_of_commands() {
  std::string list;
  for (auto const& one : commands) list.append(list.empty() ? "" : ", ").append(one.name);
  return list;
}

// Takes the words in order: `take` gives the value of an option, from the same word or from the next one.
class reader {
public:
  explicit reader(const words& all) : all_(all) {}

  [[nodiscard]] bool is_done() const { return at_ == all_.size(); }
  // The next word, of --name=value only the name.
  std::string_view next() {
    auto const word = all_[at_++];
    auto const equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    value_ = equals == std::string_view::npos ? std::nullopt : std::optional{word.substr(equals + 1)};
    return word.substr(0, equals);
  }
  [[nodiscard]] bool has_value() const { return value_.has_value(); }
  std::optional<std::string_view> take() {
    if (!value_ && !is_done()) value_ = all_[at_++];
    return value_;
  }

private:
  const words& all_;
  std::size_t at_ = 0;
  std::optional<std::string_view> value_;
};

std::string needs_value(std::string_view name) { return std::string{name} + " needs a value"; }

// An option that is no parameter: which gateway is asked, how its answer is shown, what is sent. False: it is another one.
bool take_common(std::string_view name, reader& from, ctl_request& made, std::string& why_not) {
  if (name == "--json") return made.as_json = true;
  auto* const into = name == "--config" || name == "-c" ? &made.config
                     : name == "--admin"                ? &made.admin
                     : name == "--token-file"           ? &made.token_file
                     : name == "--server-certificate"   ? &made.tls.server
                     : name == "--certificate"          ? &made.tls.certificate
                     : name == "--key"                  ? &made.tls.key
                     : name == number_file              ? &made.number_file
                                                        : nullptr;
  if (into == nullptr) return false;
  auto const value = from.take();
  if (!value || value->empty()) {
    why_not = needs_value(name);
  } else if (!into->empty()) {
    why_not = std::string{name} + " is given twice";
  } else {
    *into = *value;
  }
  return true;
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  query.append(query.empty() ? "" : "&").append(name).append("=");
  append_percent_encoded(query, value);
}

}  // namespace

std::optional<ctl_request> parse_ctl(const words& all, std::string& why_not) {
  ctl_request made;
  const command* chosen = nullptr;
  std::string_view operands;  // that have not come yet
  std::string query;
  words given;  // options of a command, in case they come before it
  reader from{all};
  auto const refuse = [&](std::string why) { return why_not = std::move(why), std::nullopt; };
  while (!from.is_done()) {
    auto const word = from.next();
    if (take_common(word, from, made, why_not)) {
      if (!why_not.empty()) return std::nullopt;
      continue;
    }
    auto const* const known = std::ranges::find(options, word, &option::name);
    if (known != options.end()) {
      auto const value = known->value.empty() ? from.take() : std::optional{known->value};
      if (!known->value.empty() && from.has_value()) return refuse(std::string{word} + " takes no value");
      if (!value) return refuse(needs_value(word));
      if (!known->is_text && !is_plain(*value)) return refuse(std::string{word} + " takes letters, digits, and - _ . only");
      given.push_back(word);
      add_parameter(query, known->parameter, *value);
    } else if (word.starts_with("-")) {
      return refuse("unknown option '" + std::string{word} + "'");
    } else if (chosen == nullptr) {
      chosen = std::ranges::find(commands, word, &command::name);
      if (chosen == commands.end()) return refuse("unknown command '" + std::string{word} + "'; there are " + list_of_commands());
      operands = chosen->operands;
    } else if (!operands.empty() && is_plain(word)) {
      auto const name = operands.substr(0, operands.find(' '));
      add_parameter(query, name, word);
      operands.remove_prefix(std::min(operands.size(), name.size() + 1));
    } else {
      return refuse(std::string{chosen->name} + " does not take '" + std::string{word} + "'");
    }
  }
  if (chosen == nullptr) return refuse("a command is missing: " + list_of_commands());
  for (auto const& name : given) {
    if (!takes(*chosen, name)) return refuse(std::string{chosen->name} + " does not take " + std::string{name});
  }
  bool const sends_number = takes(*chosen, number_file);
  if (!sends_number && !made.number_file.empty()) return refuse(std::string{chosen->name} + " does not take " + std::string{number_file});
  if (!chosen->is_right(query) || (sends_number && made.number_file.empty()))
    return refuse("usage: summary-gateway ctl " + std::string{chosen->name} + " " + std::string{chosen->usage});
  if (!made.admin.empty() && !made.config.empty()) return refuse("give --config or --admin, not both");
  if (!made.token_file.empty() && made.admin.empty())
    return refuse("--token-file goes with --admin; with --config, admin.token_file counts");
  if (!made.tls.server.empty() && made.admin.empty())
    return refuse("--server-certificate goes with --admin; with --config, admin.tls.certificate counts");
  if (made.tls.certificate.empty() != made.tls.key.empty()) return refuse("--certificate and --key go together");
  made.method = chosen->method;
  made.target.append("/api/").append(chosen->resource).append(query.empty() ? "" : "?").append(query);
  made.shown = chosen->shown;
  return made;
}

std::string ctl_usage() {
  std::string text =
      "usage: summary-gateway ctl [--config FILE | --admin ADDRESS [--token-file FILE]] [--json] COMMAND\n"
      "\n"
      "Asks the admin listener of a running gateway. Without --config and --admin: http://127.0.0.1:9464.\n"
      "\n"
      "  -c, --config FILE  the gateway's settings: their admin section says where it is, and which token it wants\n"
      "  --admin ADDRESS    ADDRESS:PORT or unix:/SOCKET\n"
      "  --token-file FILE  your token, or the file of admin.token_file; of several tokens, the one with the strongest role is sent\n"
      "  --server-certificate FILE\n"
      "                     ask by TLS, only a gateway that shows this certificate; with --config, that is admin.tls.certificate\n"
      "  --certificate FILE --key FILE\n"
      "                     your certificate, if admin.users knows you by it\n"
      "  --json             print the answer as it is, for programs\n"
      "\n";
  for (auto const& one : commands) {
    std::string shown{one.name};
    if (!one.usage.empty()) shown.append(" ").append(one.usage);
    text.append("  ").append(shown).append("\n      ").append(one.prose).append("\n");
  }
  text +=
      "  doctor [--set KEY=VALUE] [--credential-file FILE] [--live CA...]\n"
      "      looks, beside the gateway, at all that the settings name: names, TLS, egress, credentials, clock, engine, webhook; exits with "
      "1\n"
      "      if something is wrong. --live asks Twilio about that call, and tells which assumptions hold\n";
  return text += "\nExit status: 0 done, 1 refused (standard error says why), 64 bad usage, 69 the gateway cannot be reached.\n";
}

}  // namespace gateway
