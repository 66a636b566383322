// What the load tools share: their command line and their sockets. Everything here happens before the first counted request.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace tool {

inline constexpr int bad_usage = 64;

// Each tool has one thread, so nothing else can be running.
[[noreturn]] inline void leave(int exit_code) { std::exit(exit_code); }  // NOLINT(concurrency-mt-unsafe)

[[noreturn]] inline void stop(int exit_code, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  leave(exit_code);
}

[[noreturn]] inline void stop_with_errno(const std::string& what) { stop(70, what + ": " + std::generic_category().message(errno)); }

// One `--name VALUE`; the value held at first is the default.
struct flag {
  std::string_view name;
  std::string value;
  std::string_view meaning;
};

inline void read_flags(int argc, char** argv, std::span<flag> flags) {
  const auto find = [&](std::string_view name) -> flag* {
    for (auto& known : flags) {
      if (known.name == name) return &known;
    }
    return nullptr;
  };
  for (int at = 1; at < argc; ++at) {
    const std::string_view name = argv[at];
    if (name == "--help") {
      for (const auto& known : flags) {
        std::printf("  %-16s %s (default: %s)\n", known.name.data(), known.meaning.data(),
                    known.value.empty() ? "none" : known.value.c_str());
      }
      leave(0);
    }
    flag* known = find(name);
    if (!known) stop(bad_usage, "unknown option " + std::string(name) + ", see --help");
    if (at + 1 == argc) stop(bad_usage, std::string(name) + " needs a value");
    known->value = argv[++at];
  }
}

template <class Number>
Number number(const flag& from, Number least, Number most) {
  Number value{};
  const char* end = from.value.data() + from.value.size();
  const auto [stopped, error] = std::from_chars(from.value.data(), end, value);
  // Written so that a NaN is out of range as well.
  if (error != std::errc{} || stopped != end || !(value >= least && value <= most)) {
    stop(bad_usage,
         std::string(from.name) + ": \"" + from.value + "\" is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

inline bool yes(const flag& from) {
  if (from.value != "yes" && from.value != "no") stop(bad_usage, std::string(from.name) + " is yes or no");
  return from.value == "yes";
}

// `127.0.0.1:8080`; numeric, because a bench must not depend on a resolver.
inline sockaddr_in address(const flag& from) {
  const auto colon = from.value.rfind(':');
  sockaddr_in result{};
  result.sin_family = AF_INET;
  if (colon == std::string::npos || inet_pton(AF_INET, from.value.substr(0, colon).c_str(), &result.sin_addr) != 1) {
    stop(bad_usage, std::string(from.name) + ": \"" + from.value + "\" is not an IPv4 ADDRESS:PORT");
  }
  const flag port{from.name, from.value.substr(colon + 1), {}};
  result.sin_port = htons(number<std::uint16_t>(port, 0, 65535));
  return result;
}

// A response must leave when it is written, not when an acknowledgement comes.
inline void set_no_delay(int socket) {
  const int on = 1;
  if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) stop_with_errno("TCP_NODELAY");
}

// Port 0 becomes the one that was free.
inline int listen_on(sockaddr_in& address) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 4096) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    stop_with_errno("cannot listen on port " + std::to_string(ntohs(address.sin_port)));
  }
  return listener;
}

}  // namespace tool
