// One exchange over a connection in memory. The test is the upstream.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/runtime/worker.hpp"
#include "io/upstream/http_exchange.hpp"
#include "memory_stream.hpp"

namespace gateway::test {

class exchange_bench {
public:
  exchange_bench() : upstream(at.get_executor()), stream_(at.loop) {}
  // The n-th operation of the exchange fails, and so do all later ones.
  explicit exchange_bench(fail_count& failing) : upstream(at.get_executor()), stream_(at.loop, failing) {}

  void limit_reads(std::size_t bytes) { stream_.limit_reads(bytes); }
  void limit_writes(std::size_t bytes) { stream_.limit_writes(bytes); }
  void connect() { stream_.connect(upstream); }
  void start() {
    at.start_task("exchange", perform(*this));
    run();
  }
  void run() { run_ready(at.loop); }
  void send(std::string_view bytes) {
    upstream.send(bytes);
    run();
  }
  void close() {
    upstream.close();
    run();
  }

  [[nodiscard]] bool ended() const { return result.has_value(); }
  [[nodiscard]] bool succeeded() const { return result && !result->failed; }

  answer_limits limits;
  std::string request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string input;  // received, but not part of the answer
  std::optional<exchange_result> result;
  hop_ledger hops{hop::lookup, mono_now()};
  worker at{1};
  far_end upstream;

private:
  static task<void> perform(exchange_bench& self) {
    secret const request{self.request};
    auto const limits = self.limits;
    auto got = co_await exchange_over(self.stream_, self.input, request, limits, self.hops);
    self.result.emplace(std::move(got));
  }

  memory_stream stream_;
};

// Runs a whole exchange: sends these bytes to it and, with then::closes, ends the connection.
enum class then { stays, closes };
inline std::unique_ptr<exchange_bench> exchanged(std::string_view bytes, then after = then::stays, answer_limits limits = answer_limits()) {
  auto bench = std::make_unique<exchange_bench>();
  bench->limits = limits;
  bench->connect();
  bench->start();
  bench->send(bytes);
  if (after == then::closes) bench->close();
  return bench;
}

}  // namespace gateway::test
