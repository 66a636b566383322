// twilio-simulator: argv → simulated Twilio, HTTPS server, control server → exit code (0 asked to stop, 64 bad usage, 70 cannot run).
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/parse.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "control_server.hpp"
#include "https_server.hpp"
#include "options.hpp"
#include "sink_sender.hpp"
#include "tls_server_context.hpp"

namespace {

using namespace simulator;

struct cannot_start : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string contents_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) throw cannot_start("cannot read " + file);
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const std::string& file, const std::string& text) {
  const std::string unfinished = file + ".new";  // nobody reads half a certificate
  std::ofstream out{unfinished, std::ios::binary};
  out << text;
  out.close();
  if (!out || std::rename(unfinished.c_str(), file.c_str()) != 0) throw cannot_start("cannot write " + file);
}

std::string shown(const tcp::endpoint& where) {
  const std::string host = where.address().to_string();
  return (where.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(where.port());
}

// Says which address could not be had.
template <class F>
auto listening(const char* option, const tcp::endpoint& where, F open) {
  try {
    return open(where);
  } catch (const boost::system::system_error& refusal) {
    throw std::runtime_error(std::string{"cannot listen on "} + shown(where) + " (" + option + "): " + refusal.code().message());
  }
}

tcp::endpoint endpoint_of(const listen_address& address, const char* option) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, error);
  if (error) throw cannot_start(std::string{option} + ": not an IP address: " + address.host);
  return {ip, address.port};
}

certificate_pair certificates_for(const options& chosen) {
  if (!chosen.certificate.empty()) return {{}, contents_of(chosen.certificate), contents_of(chosen.key)};
  certificate_pair made = make_certificates(chosen.leaf);
  if (!chosen.write_ca.empty()) write_file(chosen.write_ca, made.ca_pem);
  return made;
}

asio::ssl::context tls_for(const certificate_pair& certificates) {
  try {
    return tls_server_context(certificates.leaf_pem, certificates.key_pem);
  } catch (const boost::system::system_error& refusal) {
    throw cannot_start(std::string{"--certificate and --key cannot be used: "} + refusal.what());
  }
}

void load_script(const std::string& file, twilio& world) {
  boost::system::error_code error;
  const auto faults = boost::json::parse(contents_of(file), error);
  if (error) throw cannot_start(file + " is not JSON: " + error.message());
  if (const auto problem = world.load_faults(faults)) throw cannot_start(file + ": " + *problem);
}

twilio_settings settings_of(const options& chosen) {
  twilio_settings settings;
  settings.seed = chosen.seed;
  settings.start = chosen.now.value_or(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  settings.clock_speed = chosen.clock_speed;
  settings.concurrency_limit = chosen.concurrency_limit;
  settings.body_bytes = chosen.body_bytes;
  settings.latency = chosen.latency;
  return settings;
}

void run(const options& chosen) {
  twilio world{settings_of(chosen), std::chrono::steady_clock::now()};
  if (!chosen.script.empty()) load_script(chosen.script, world);
  const certificate_pair certificates = certificates_for(chosen);
  asio::ssl::context tls = tls_for(certificates);
  asio::io_context main_context{1};
  asio::signal_set signals{main_context, SIGTERM, SIGINT};
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) main_context.stop();
  });
  sink_sender webhooks{main_context, world};
  world.when_webhooks_change([&] { asio::post(main_context, [&] { webhooks.look(); }); });
  const auto https = listening("--listen", endpoint_of(chosen.listen, "--listen"), [&](const tcp::endpoint& where) {
    return std::make_unique<https_server>(where, tls, world, chosen.threads, chosen.idle_timeout);
  });
  control_effects effects;
  effects.close_idle = [&] { return https->close_idle(); };
  effects.wake_all = [&] { https->wake_all(); };
  effects.ca_pem = certificates.ca_pem;
  const auto control = listening("--control", endpoint_of(chosen.control, "--control"), [&](const tcp::endpoint& where) {
    return std::make_unique<control_server>(main_context, where, world, effects);
  });
  if (!chosen.quiet) {
    std::printf("twilio-simulator: https on %s\n", shown(https->where()).c_str());
    std::printf("twilio-simulator: control on http://%s\n", shown(control->where()).c_str());
    std::printf("twilio-simulator: ready\n");
    std::fflush(stdout);
  }
  main_context.run();
  https->stop();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto parsed = parse_options(std::span<const char* const>{argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)});
  if (const auto* problem = std::get_if<usage_problem>(&parsed)) {
    std::fprintf(stderr, "twilio-simulator: %s (see --help)\n", problem->text.c_str());
    return 64;
  }
  if (const auto* say = std::get_if<only_say>(&parsed)) {
    std::fputs(*say == only_say::help ? help_text() : "twilio-simulator " SIMULATOR_VERSION "\n", stdout);
    return 0;
  }
  try {
    run(std::get<options>(parsed));
    return 0;
  } catch (const cannot_start& refusal) {
    std::fprintf(stderr, "twilio-simulator: %s\n", refusal.what());
    return 64;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "twilio-simulator: %s\n", error.what());
    return 70;
  }
}
