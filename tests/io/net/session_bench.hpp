// One session over a connection in memory. The test is its client, its clock and, through recording_service, its service.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/net/session.hpp"
#include "memory_stream.hpp"
#include "net/recording_service.hpp"

namespace gateway::test {

class session_bench {
public:
  session_bench() : session_bench(limit_settings()) {}
  explicit session_bench(const limit_settings& with) : limits(with), client(at.get_executor()), server_(at.loop) {}
  // The n-th operation of the session's stream fails, and so do all later ones.
  explicit session_bench(fail_count& failing) : client(at.get_executor()), server_(at.loop, failing) {}

  // The largest number of bytes that one operation of the session moves.
  void limit_reads(std::size_t bytes) { server_.limit_reads(bytes); }
  void limit_writes(std::size_t bytes) { server_.limit_writes(bytes); }

  void start() {
    server_.connect(client);
    at.start_task("session", serve(std::move(server_), gateway::client(), at, limits, service, terms));
    run();
  }
  void run() { run_ready(at.loop); }
  void send(std::string_view bytes) {
    client.send(bytes);
    run();
  }

  [[nodiscard]] std::string received() const { return client.received(); }
  [[nodiscard]] bool ended() const { return at.live.count() == 0; }
  [[nodiscard]] int writes() const { return *writes_; }
  [[nodiscard]] std::uint64_t deadlines_passed() const { return at.counters.connection_deadlines.get(); }

  recording_service service;
  limit_settings limits;
  worker at{1};
  bool listener_removed = false;  // its listener has been removed
  connection_terms terms{listener_removed};
  far_end client;

private:
  memory_stream server_;
  std::shared_ptr<const int> writes_ = server_.writes();
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  std::string request{"GET "};
  return request.append(path).append(" HTTP/1.1\r\nHost: h\r\n").append(fields).append("\r\n");
}

}  // namespace gateway::test
