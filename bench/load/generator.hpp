// The load itself: one thread, N connections. Closed loop (each connection asks again as soon as it was answered) shows what a server can
// do; open loop (a rate) shows latency, counted from the moment each request was due, not from when it could be sent.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "channel.hpp"
#include "response_reader.hpp"
#include "summary_requests.hpp"

namespace load {

inline constexpr std::uint64_t unlimited = ~std::uint64_t{0};

struct plan {
  sockaddr_in target;
  bool tls;
  std::size_t connections;
  std::size_t pipelined;  // requests in one write, whose answers are awaited before the next; 1: no pipelining
  bool connect_each;      // a new connection for each request, closed by this side; with TLS a full handshake
  std::chrono::nanoseconds length;
  std::uint64_t most_requests;
  double rate;  // 0: closed loop
  std::size_t body_bytes;
};

struct outcome {
  std::uint64_t errors = 0;
  std::string first_error;
  std::uint64_t never_sent = 0;  // due within the run, but no connection was free before its end
  std::vector<std::uint32_t> latencies_ns;
  double seconds = 0;
  double cpu_seconds = 0;
};

class generator {
public:
  generator(const plan& wanted, summary_requests& requests);

  // Opens all connections (unless each request has its own), then starts the clock. They stay open until this object ends.
  outcome run();

private:
  using clock = std::chrono::steady_clock;

  struct connection {
    explicit connection(std::size_t body_bytes) : reader(body_bytes) {}
    tool::channel wire;
    std::size_t awaited = 0;  // answers, whose requests were all due at `start`
    clock::time_point start;
    std::string unsent;  // until the handshake is done
    response_reader reader;
  };

  void open(std::size_t which);
  void connect_to_target(connection& from);
  void take_source_address(int socket);
  void fail(std::string why, std::uint64_t count = 1);
  void give_up(std::size_t which, std::string why);
  clock::time_point due(std::uint64_t request) const;
  void send_due();
  void send_requests(std::size_t which, clock::time_point start);
  bool send_unsent(std::size_t which);
  void serve(std::size_t which);
  bool receive(std::size_t which);
  void count_answer(connection& from);
  void answered(std::size_t which);
  timespec timeout(bool over) const;

  const plan plan_;
  summary_requests& requests_;
  const tool::tls_context tls_;
  const int epoll_;
  std::vector<char> buffer_;
  std::string batch_;
  std::vector<connection> connections_;
  std::deque<std::size_t> idle_;
  std::uint64_t issued_ = 0;
  std::uint64_t sources_ = 0;
  clock::time_point begin_, end_, now_;
  outcome result_;
};

}  // namespace load
