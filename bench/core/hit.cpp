// bench-core: what each decision on the way of a hit costs, and all of them together, without a socket, a lock or a clock.
// The last two belong to a miss: they show what a body of 4 KB costs once.
#include <benchmark/benchmark.h>

#include "core/auth/authorizer.hpp"
#include "core/cache/freshness.hpp"
#include "core/cache/shown.hpp"
#include "core/reply/reply.hpp"
#include "core/request/head.hpp"
#include "core/upstream/remember.hpp"
#include "summaries.hpp"

namespace {

using benchmark::DoNotOptimize;

void find_head_end(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  for (auto _ : state) {
    std::size_t looked_at = 0;
    DoNotOptimize(gateway::find_head_end(request, looked_at, {}));
  }
}
BENCHMARK(find_head_end);

void parse_head(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  for (auto _ : state) DoNotOptimize(gateway::parse_head(request, {}));
}
BENCHMARK(parse_head);

void parse_summary_request(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  const auto head = *gateway::parse_head(request, {});
  for (auto _ : state) DoNotOptimize(gateway::parse_summary_request(gateway::parse_route(head.path), head));
}
BENCHMARK(parse_summary_request);

// A connection's first request.
void identity_of(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  const auto head = *gateway::parse_head(request, {});
  for (auto _ : state) DoNotOptimize(gateway::identity_of(head.authorization, bench::credential_key));
}
BENCHMARK(identity_of);

// Every later one.
void authorize_again(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  const auto head = *gateway::parse_head(request, {});
  const gateway::access_rules rules{1, bench::credential_key, {}, {}};
  gateway::client from;
  for (auto _ : state) DoNotOptimize(gateway::authorize(from, head.authorization, rules));
}
BENCHMARK(authorize_again);

// Mode inject: what a client may ask for, and whose calls it sees.
void rights(benchmark::State& state) {
  const auto request = bench::requests(1).front();
  const auto head = *gateway::parse_head(request, {});
  const auto may = gateway::client_rights::usual();
  const gateway::entry kept;
  for (auto _ : state) {
    DoNotOptimize(may->allows(gateway::resource::summary, head.method));
    DoNotOptimize(gateway::refusal_of(kept, may.get()));
  }
}
BENCHMARK(rights);

// Argument: distinct summaries, looked up in turn.
void lookup(benchmark::State& state) {
  const auto requests = bench::requests(static_cast<std::size_t>(state.range(0)));
  auto store = bench::store_of(requests);
  std::vector<bench::wanted> wanted;
  wanted.reserve(requests.size());
  for (const auto& request : requests) wanted.push_back(bench::read(request));
  std::size_t permit = 0;
  for (auto _ : state) {
    const auto& [owner, request] = wanted[permit];
    const gateway::cache_key key(owner, request.call, bench::table_key);
    DoNotOptimize(store.find(key, bench::now));
    permit = permit + 1 == wanted.size() ? 0 : permit + 1;
  }
}
BENCHMARK(lookup)->Arg(1)->Arg(10'000);

gateway::reply_context context_of_a_hit(const gateway::judgement& judged, const gateway::field_lines& accept_encoding) {
  gateway::reply_context context;
  context.accept_encoding = accept_encoding;
  context.date = "Thu, 01 Jan 1970 00:00:00 GMT";
  context.request_id = "0123456789abcdef0123456789abcdef";
  context.status.how = gateway::cache_status::way::hit;
  context.status.ttl = judged.ttl;
  return context;
}

gateway::entry_ptr kept_entry() {
  const auto requests = bench::requests(1);
  auto store = bench::store_of(requests);
  const auto [owner, request] = bench::read(requests.front());
  return store.find(gateway::cache_key(owner, request.call, bench::table_key), bench::now).stored.share();
}

void judge(benchmark::State& state) {
  const auto kept = kept_entry();
  for (auto _ : state) DoNotOptimize(gateway::judge(*kept, bench::now, {}));
}
BENCHMARK(judge);

// Head and body of 4 KB, as they are sent.
void reply(benchmark::State& state) {
  const auto kept = kept_entry();
  const auto judged = gateway::judge(*kept, bench::now, {});
  std::string out;
  for (auto _ : state) {
    out.clear();
    gateway::append_hit(out, *kept, judged.age, context_of_a_hit(judged, gateway::field_lines{"gzip, compress, deflate, br"}));
    DoNotOptimize(out.data());
  }
}
BENCHMARK(reply);

// From the request's bytes to the answer's. Argument: distinct summaries, asked for in turn.
void whole_hit(benchmark::State& state) {
  const auto requests = bench::requests(static_cast<std::size_t>(state.range(0)));
  auto store = bench::store_of(requests);
  const gateway::access_rules rules{1, bench::credential_key, {}, {}};
  gateway::client from;
  std::string out;
  std::size_t permit = 0;
  for (auto _ : state) {
    out.clear();
    std::size_t looked_at = 0;
    const auto boundary = gateway::find_head_end(requests[permit], looked_at, {});
    const auto head = *gateway::parse_head(std::string_view(requests[permit]).substr(0, boundary.size), {});
    const auto request = *gateway::parse_summary_request(gateway::parse_route(head.path), head);
    const auto* const who = *gateway::authorize(from, head.authorization, rules);
    const auto kept = store.find(gateway::cache_key(who->owner, request.call, bench::table_key), bench::now).stored;
    const auto judged = gateway::judge(*kept, bench::now, {});
    const bool may = who->rights == nullptr || who->rights->allows(gateway::resource::summary, head.method);
    if (may && !gateway::refusal_of(*kept, who->rights.get()))
      gateway::append_hit(out, *kept, judged.age, context_of_a_hit(judged, head.accept_encoding));
    DoNotOptimize(out.data());
    permit = permit + 1 == requests.size() ? 0 : permit + 1;
  }
}
BENCHMARK(whole_hit)->Arg(1)->Arg(10'000);

void judge_answer(benchmark::State& state) {
  const auto call = bench::read(bench::requests(1).front()).request.call;
  const auto answer = bench::answer_about(call);
  gateway::body_reader reader;
  for (auto _ : state) DoNotOptimize(gateway::judge_answer(answer, call, reader));
}
BENCHMARK(judge_answer);

void remember(benchmark::State& state) {
  const auto call = bench::read(bench::requests(1).front()).request.call;
  const auto answer = bench::answer_about(call);
  gateway::body_reader reader;
  const auto meaning = gateway::judge_answer(answer, call, reader);
  for (auto _ : state) DoNotOptimize(gateway::remember(answer, meaning, {bench::stored_at, gateway::wall_time{}}, {}));
}
BENCHMARK(remember);

}  // namespace
