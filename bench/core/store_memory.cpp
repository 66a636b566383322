// bench-store-memory: does cache.max_bytes bound what the process really takes? Fills a cache with summaries of random calls, many times
// its size, from two threads, and compares the growth of resident memory with the setting. Exit code 1 if it is more than 15 % over.
//   bench-store-memory [summaries, default 1000000] [MiB of cache, default 256]
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/cache/store.hpp"
#include "core/upstream/remember.hpp"
#include "io/process_limits.hpp"
#include "summaries.hpp"

namespace {

constexpr std::size_t mib = 1024 * 1024;
constexpr int threads = 2;

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

gateway::call_sid random_call(std::mt19937_64& random) {
  char text[35];
  std::snprintf(text, sizeof text, "CA%016lx%016lx", static_cast<unsigned long>(random()), static_cast<unsigned long>(random()));
  return *gateway::call_sid::parse(text);
}

// Sizes as they are met: 70 % of 1.2–2 KB, 25 % up to 5 KB, 5 % of 8 KB; compressible about as JSON is.
gateway::upstream_answer answer_about(const gateway::call_sid& call, std::mt19937_64& random) {
  auto const kind = random() % 100;
  std::size_t const size = kind < 70 ? 1200 + random() % 800 : kind < 95 ? 2000 + random() % 3000 : 8192;
  auto answer = bench::answer_about(call);
  answer.body.resize(answer.body.find(R"("annotation")"));
  for (int member = 0; answer.body.size() + 40 < size; ++member)
    answer.body.append("\"metric_").append(std::to_string(member)).append("\":").append(std::to_string(random() % 1'000'000)).append(",");
  answer.body.append("\"end\":0}");
  return answer;
}

// As the gateway's cache is built: stores of at least 8 MiB, chosen by the call's part of the key's hash.
class sharded_cache {
public:
  explicit sharded_cache(std::size_t max_bytes) {
    auto const shards = std::clamp<std::size_t>(max_bytes / (8 * mib), 1, 32);
    for (std::size_t i = 0; i < shards; ++i) stores_.emplace_back(gateway::store_limits{max_bytes / shards, mib});
  }

  void keep(const gateway::cache_key& key, gateway::entry_ptr made) {
    std::lock_guard const lock{mutex_};
    if (stores_[(key.call_bits() >> 56) % stores_.size()].insert(key, std::move(made), bench::now)) std::abort();
  }

  [[nodiscard]] gateway::store_counts counts() const {
    gateway::store_counts sum;
    for (auto const& one : stores_) sum.entries += one.counts().entries, sum.bytes += one.counts().bytes;
    return sum;
  }

private:
  std::mutex mutex_;
  std::vector<gateway::lru_store> stores_;  // protected by mutex_ while threads fill them
};

void fill(sharded_cache& cache, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  gateway::body_reader reader;
  gateway::partition const owner;
  for (std::size_t i = 0; i < count; ++i) {
    auto const call = random_call(random);
    auto const answer = answer_about(call, random);
    auto const made = gateway::remember(answer, gateway::judge_answer(answer, call, reader), bench::now, {});
    if (!made.is_stored()) std::abort();
    cache.keep(gateway::cache_key{owner, call, bench::table_key}, made.made);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t const count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::size_t const max_bytes = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 256) * mib;
  gateway::share_one_heap();
  sharded_cache cache{max_bytes};
  auto const before = resident_bytes();
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) workers.emplace_back([&, i] { fill(cache, count / threads, static_cast<std::uint64_t>(i) + 1); });
  for (auto& one : workers) one.join();
  auto const grown = resident_bytes() - before;
  auto const counts = cache.counts();
  auto const part = [&](std::size_t bytes) { return 100.0 * static_cast<double>(bytes) / static_cast<double>(max_bytes); };
  std::printf("%zu summaries of random calls, cache.max_bytes %zu MiB\n", count, max_bytes / mib);
  std::printf("  kept        %9llu\n", static_cast<unsigned long long>(counts.entries));
  std::printf("  cache_bytes %9.1f MiB  %5.1f %%\n", static_cast<double>(counts.bytes) / mib, part(counts.bytes));
  std::printf("  resident    %9.1f MiB  %5.1f %%\n", static_cast<double>(grown) / mib, part(grown));
  return grown <= max_bytes + max_bytes * 15 / 100 ? 0 : 1;
}
