// bench-core: what it costs a request to be counted and told of, apart from its answer. A hit pays the first four, and the fifth if its
// client sends a trace; a line in the access log, or a place in the recorder, costs the rest.
#include <benchmark/benchmark.h>

#include <memory>
#include <random>

#include "core/telemetry/client_counters.hpp"
#include "core/telemetry/counters.hpp"
#include "core/telemetry/recorder.hpp"

namespace {

using benchmark::DoNotOptimize;
using namespace std::chrono_literals;

gateway::request_record a_hit() {
  gateway::request_record record;
  record.ended = gateway::outcome::hit;
  record.status = 200;
  record.request_id = "0123456789abcdef0123456789abcdef";
  record.call = gateway::call_sid::parse("CA0123456789abcdef0123456789abcdef");
  record.hops = gateway::hop_ledger{gateway::hop::lookup, gateway::mono_time{}};
  record.hops.enter(gateway::hop::write, gateway::mono_time{} + 5us);
  record.hops.stop(gateway::mono_time{} + 9us);
  return record;
}

// What a hit's hops take, without the clock readings.
void ledger(benchmark::State& state) {
  auto const begun = gateway::mono_time{} + 1us;
  for (auto _ : state) {
    gateway::hop_ledger hops{gateway::hop::read, begun};
    hops.enter(gateway::hop::lookup, begun + 1us);
    hops.enter(gateway::hop::write, begun + 2us);
    hops.stop(begun + 3us);
    DoNotOptimize(hops);
  }
}
BENCHMARK(ledger);

void count_request(benchmark::State& state) {
  auto const counters = std::make_unique<gateway::worker_counters>();
  auto const record = a_hit();
  for (auto _ : state) gateway::account(*counters, record);
}
BENCHMARK(count_request);

void count_client(benchmark::State& state) {
  auto const clients = std::make_unique<gateway::client_counters>();
  auto const record = a_hit();
  gateway::client_name const who{"192.0.2.1"};
  std::size_t place = 0;
  for (auto _ : state) clients->count(who, place, gateway::figures_of(record));
}
BENCHMARK(count_client);

// Argument: log.sample.
void choose(benchmark::State& state) {
  gateway::log_sampler chooser{{gateway::access_log::errors_and_slow, static_cast<std::uint64_t>(state.range(0)), 1s}};
  std::mt19937_64 random{1};
  auto const record = a_hit();
  for (auto _ : state) DoNotOptimize(chooser.choose(record, random));
}
BENCHMARK(choose)->Arg(0)->Arg(100);

void parse_traceparent(benchmark::State& state) {
  std::string_view text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (auto _ : state) {
    DoNotOptimize(text);
    DoNotOptimize(gateway::parse_traceparent(text));
  }
}
BENCHMARK(parse_traceparent);

void redact(benchmark::State& state) {
  auto const record = a_hit();
  auto const how = static_cast<gateway::logged_calls>(state.range(0));
  for (auto _ : state) DoNotOptimize(gateway::redacted(record, {}, 1, how, {}));
}
BENCHMARK(redact)->Arg(0)->Arg(1);

void remember_told(benchmark::State& state) {
  auto const recorder = std::make_unique<gateway::request_recorder>();
  auto const one = gateway::redacted(a_hit(), {}, 1, gateway::logged_calls::none, {});
  for (auto _ : state) recorder->put(gateway::noteworthy::slow, one);
}
BENCHMARK(remember_told);

// On the log's thread.
void make_a_line(benchmark::State& state) {
  std::vector<std::string> const listeners{"127.0.0.1:8080"};
  auto const one = gateway::redacted(a_hit(), {}, 1, gateway::logged_calls::none, {});
  std::string line;
  for (auto _ : state) {
    line.clear();
    gateway::append_logged(line, one, listeners);
    DoNotOptimize(line.data());
  }
}
BENCHMARK(make_a_line);

}  // namespace
