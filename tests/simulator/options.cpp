#include "options.hpp"

#include <charconv>
#include <string_view>

#include "summary_body.hpp"

namespace simulator {
namespace {

template <class T>
bool number(std::string_view text, T low, T high, T& out) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high)) return false;
  out = value;
  return true;
}

bool address(std::string_view text, listen_address& out) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.host = host;
  return number<std::uint16_t>(text.substr(colon + 1), 0, 65535, out.port);
}

struct option_row {
  std::string_view name;
  const char* expects;
  bool (*set)(std::string_view, options&);
};

constexpr option_row table[] = {
    {"--listen", "ADDRESS:PORT", [](std::string_view v, options& o) { return address(v, o.listen); }},
    {"--control", "ADDRESS:PORT", [](std::string_view v, options& o) { return address(v, o.control); }},
    {"--seed", "a whole number", [](std::string_view v, options& o) { return number<std::uint64_t>(v, 0, UINT64_MAX, o.seed); }},
    {"--clock-speed", "a number from 0 to 1000000", [](std::string_view v, options& o) { return number(v, 0.0, 1e6, o.clock_speed); }},
    {"--now", "a time like 2026-01-31T12:00:00Z",
     [](std::string_view v, options& o) {
       o.now = parse_rfc3339(v);
       return o.now.has_value();
     }},
    {"--concurrency-limit", "a whole number (0: none)",
     [](std::string_view v, options& o) { return number<std::size_t>(v, 0, 1'000'000'000, o.concurrency_limit); }},
    {"--latency", "5ms, uniform:1ms:20ms or lognormal:40ms:0.5",
     [](std::string_view v, options& o) {
       const auto model = latency_model::parse(v);
       if (model) o.latency = *model;
       return model.has_value();
     }},
    {"--body-bytes", "0 (realistic mix) or a size from 160 to 1073741824",
     [](std::string_view v, options& o) {
       return number<std::size_t>(v, 0, std::size_t{1} << 30, o.body_bytes) && (o.body_bytes == 0 || o.body_bytes >= smallest_summary);
     }},
    {"--certificate", "a PEM file",
     [](std::string_view v, options& o) {
       o.certificate = v;
       return !v.empty();
     }},
    {"--key", "a PEM file",
     [](std::string_view v, options& o) {
       o.key = v;
       return !v.empty();
     }},
    {"--leaf", "good, wrong-name, expired or self-signed",
     [](std::string_view v, options& o) {
       const auto kind = parse_leaf_kind(v);
       if (kind) o.leaf = *kind;
       return kind.has_value();
     }},
    {"--write-ca", "a file name",
     [](std::string_view v, options& o) {
       o.write_ca = v;
       return !v.empty();
     }},
    {"--script", "a JSON file",
     [](std::string_view v, options& o) {
       o.script = v;
       return !v.empty();
     }},
    {"--idle-timeout", "seconds from 1 to 86400",
     [](std::string_view v, options& o) {
       int seconds = 0;
       if (!number(v, 1, 86400, seconds)) return false;
       o.idle_timeout = std::chrono::seconds{seconds};
       return true;
     }},
    {"--threads", "a number from 1 to 64", [](std::string_view v, options& o) { return number(v, 1U, 64U, o.threads); }},
};

}  // namespace

std::variant<options, only_say, usage_problem> parse_options(std::span<const char* const> arguments) {
  options chosen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (name == "--help" || name == "-h") return only_say::help;
    if (name == "--version") return only_say::version;
    if (name == "--quiet") {
      chosen.quiet = true;
      continue;
    }
    std::optional<std::string_view> value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const option_row* found = nullptr;
    for (const option_row& row : table)
      if (row.name == name) found = &row;
    if (found == nullptr) return usage_problem{"unknown option " + std::string{name}};
    if (!value && i + 1 < arguments.size()) value = arguments[++i];
    if (!value || !found->set(*value, chosen)) return usage_problem{std::string{name} + " needs " + found->expects};
  }
  if (chosen.certificate.empty() != chosen.key.empty()) return usage_problem{"--certificate and --key belong together"};
  if (!chosen.certificate.empty() && !chosen.write_ca.empty())
    return usage_problem{"--write-ca is for certificates made at start, not for --certificate"};
  return chosen;
}

const char* help_text() {
  return R"(twilio-simulator: an HTTPS upstream that behaves as Twilio's Call Summary API does

  --listen ADDR:PORT      HTTPS, port 0 = any free one        (127.0.0.1:8443)
  --control ADDR:PORT     control port, plain HTTP            (127.0.0.1:8444)
  --seed N                same seed, same run                 (1)
  --clock-speed X         simulated seconds per real second   (1)
  --now TIME              simulated time at start             (the real one)
  --concurrency-limit N   per account, 0 = none               (0)
  --latency SPEC          5ms | uniform:1ms:20ms | lognormal:40ms:0.5
                          (the latter: median, sigma)         (0ms)
  --body-bytes N          every summary exactly N bytes       (0 = realistic mix)
  --certificate F --key F PEM files                           (made at start)
  --leaf KIND             good | wrong-name | expired | self-signed
                          of the certificate made at start    (good)
  --write-ca F            where to write the CA's PEM
  --script F              JSON list of faults, as in POST /faults
  --idle-timeout S        keep-alive connections              (60)
  --threads N             threads for HTTPS                   (1)
  --quiet                 no start-up lines
  --help  --version

Exit: 0 after SIGTERM or SIGINT, 64 bad usage, 70 anything else.
)";
}

}  // namespace simulator
