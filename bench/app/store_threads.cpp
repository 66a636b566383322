// bench-store-threads: what finding a kept summary costs when several threads do it at once, each on a core of its own. Slices of 1, 2 and
// as many threads as there are cores take turns, so that the host's moods are in all of them; the ratio is told with the interval of its
// median. A slice in which another program took a core away is left out, with its round.
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/upstream/remember.hpp"
#include "io/process_limits.hpp"
#include "store_designs.hpp"
#include "thread_rounds.hpp"
#include "tool.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr std::size_t keys = 10'000;
constexpr double skew = 0.9;
constexpr std::size_t draws = 32'768;  // of each thread, which it asks for over and over
constexpr int finds_at_once = 64;      // between two looks at the clock
constexpr auto between_stores = 1ms;   // where there are any; by the first thread, as a worker stores what it missed

bench::summary summary_for(const std::string& request) {
  const auto [owner, wanted] = bench::read(request);
  const auto answer = bench::answer_about(wanted.call);
  gateway::body_reader reader;
  const gateway::instant then{bench::stored_at, bench::stored_on};
  const auto kept = gateway::remember(answer, gateway::judge_answer(answer, wanted.call, reader), then, {}, false);
  if (!kept.is_stored()) std::abort();
  return {gateway::cache_key(owner, wanted.call, bench::table_key), kept.made};
}

using key_sequence = std::vector<gateway::cache_key>;

// Keys by Zipf's law: the k-th is asked for 1 / k^skew as often as the first.
key_sequence drawn_keys(const std::vector<bench::summary>& all, std::uint64_t seed) {
  std::vector<double> shares;
  for (std::size_t rank = 1; rank <= all.size(); ++rank) shares.push_back(1 / std::pow(static_cast<double>(rank), skew));
  std::discrete_distribution<std::size_t> which(shares.begin(), shares.end());
  std::mt19937_64 random(seed);
  key_sequence drawn;
  for (std::size_t at = 0; at < draws; ++at) drawn.push_back(all[which(random)].key);
  return drawn;
}

struct workload {
  std::string name;
  std::vector<key_sequence> asked;  // by thread
  bool stores = false;
};

void pin_to(int core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  if (pthread_setaffinity_np(pthread_self(), sizeof only, &only) != 0) std::abort();
}

long taken_away() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_nivcsw;
}

struct share {
  std::uint64_t finds = 0;
  clock_type::time_point begin;
  nanoseconds spent{0};  // without the stores
  bool is_disturbed = false;
  unsigned touched = 0;
};

template <class Cache>
class contest {
public:
  contest(const std::vector<bench::summary>& all, const std::vector<std::string>& requests, nanoseconds length)
      : requests_(requests), length_(length) {
    for (const auto& one : all) cache_.keep(one);
    // As in a gateway of several lanes; one alone notes each use.
    [[maybe_unused]] const std::array places{cache_.join(), cache_.join()};
    cache_.sweep(at(clock_type::now()));
  }

  bench::slice play(const workload& work, std::span<const int> cores) {
    std::vector<share> shares(cores.size());
    std::atomic<std::size_t> absent{cores.size()};
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < cores.size(); ++at) {
      threads.emplace_back([&, at] {
        pin_to(cores[at]);
        absent.fetch_sub(1);
        while (absent.load() > 0) continue;
        shares[at] = find_for_a_while(work.asked[at], work.stores && at == 0);
      });
    }
    for (auto& one : threads) one.join();
    bench::slice sum;
    share all;
    for (std::size_t at = 0; at < cores.size(); ++at) {
      all.finds += shares[at].finds;
      all.spent += shares[at].spent;
      // A core that was taken away at the start is no switch in the slice, but then its thread found most things alone.
      const bool is_alone = std::chrono::abs(shares[at].begin - shares[0].begin) > length_ / 50;
      sum.is_disturbed = sum.is_disturbed || shares[at].is_disturbed || is_alone;
      touched_ = touched_ + shares[at].touched;
    }
    sum.ns = static_cast<double>(all.spent.count()) / static_cast<double>(all.finds);
    return sum;
  }

private:
  // Time goes on for the cache, too: uses are noted as often as they are in the gateway.
  [[nodiscard]] gateway::instant at(clock_type::time_point moment) const {
    return {bench::now.mono + (moment - made_), bench::now.wall + (moment - made_)};
  }

  share find_for_a_while(const key_sequence& asked, bool stores) {
    share mine;
    auto place = cache_.join();
    const auto before = taken_away();
    std::size_t next = 0;
    const auto begin = mine.begin = clock_type::now();
    auto now = begin;
    auto store_at = begin + between_stores;
    nanoseconds storing{0};
    while (now < begin + length_) {
      const auto moment = at(now);
      for (int i = 0; i < finds_at_once; ++i) {
        const auto found = cache_.find(asked[next], moment, place);
        if (!found) std::abort();
        mine.touched += found->status + static_cast<unsigned char>(found->plain.wire[found->plain.body_at]);
        next = next + 1 == asked.size() ? 0 : next + 1;
      }
      mine.finds += finds_at_once;
      now = clock_type::now();
      if (!stores || now < store_at) continue;
      store_at += between_stores;
      cache_.keep(summary_for(requests_[stored_++ % requests_.size()]));
      const auto stored = clock_type::now();
      storing += stored - now;
      now = stored;
    }
    mine.spent = now - begin - storing;
    mine.is_disturbed = taken_away() != before;
    return mine;
  }

  const clock_type::time_point made_ = clock_type::now();
  Cache cache_;
  const std::vector<std::string>& requests_;
  const nanoseconds length_;
  std::size_t stored_ = 0;
  volatile unsigned touched_ = 0;  // or else a compiler could leave the reads out
};

struct plan {
  std::size_t rounds;
  nanoseconds length;
  std::vector<int> cores;
  std::vector<std::size_t> threads;  // the numbers that take turns, 1 first
};

template <class Cache>
void play(const std::vector<bench::summary>& all, const std::vector<std::string>& requests, const std::vector<workload>& works,
          const plan& how) {
  contest<Cache> with(all, requests, how.length);
  for (const auto& work : works) {
    if (std::is_same_v<Cache, bench::read_only> && work.stores) continue;
    std::vector<bench::round_of_slices> rounds(how.rounds, bench::round_of_slices(how.threads.size()));
    for (std::size_t number = 0; number < how.rounds; ++number) {
      // There and back again: whoever is slowed by its place in the order is slowed as often as all others.
      for (std::size_t turn = 0; turn < how.threads.size(); ++turn) {
        const auto which = number % 2 == 0 ? turn : how.threads.size() - 1 - turn;
        rounds[number][which] = with.play(work, std::span(how.cores).first(how.threads[which]));
      }
    }
    bench::print_row(Cache::name, work.name, std::move(rounds));
  }
}

std::vector<int> allowed_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) tool::stop_with_errno("sched_getaffinity");
  std::vector<int> found;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) found.push_back(core);
  }
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  std::array flags{tool::flag{"--rounds", "500", "slices of each number of threads"},
                   tool::flag{"--milliseconds", "2", "length of a slice"}};
  tool::read_flags(argc, argv, flags);
  plan how{tool::number<std::size_t>(flags[0], 1, 100'000), tool::number<int>(flags[1], 1, 10'000) * 1ms, allowed_cores(), {1}};
  if (how.cores.size() < 2) tool::stop(tool::bad_usage, "two cores are needed");
  how.threads.push_back(2);
  if (how.cores.size() > 2) how.threads.push_back(how.cores.size());

  gateway::share_one_heap();
  const auto requests = bench::requests(keys);
  std::vector<bench::summary> all;
  all.reserve(requests.size());
  for (const auto& request : requests) all.push_back(summary_for(request));
  workload hot{"one key", {}}, cold{"10,000 keys, Zipf 0.9", {}}, changing{"the same, 1,000 stores/s", {}, true};
  for (std::size_t thread = 0; thread < how.cores.size(); ++thread) {
    hot.asked.push_back({all.front().key});
    cold.asked.push_back(drawn_keys(all, thread + 1));
    changing.asked.push_back(cold.asked.back());
  }
  const std::vector works{std::move(hot), std::move(cold), std::move(changing)};
  bench::print_head("a find in", "of", how.threads);
  play<bench::gateway_cache>(all, requests, works, how);
  play<bench::locked_tables<bench::use::moves>>(all, requests, works, how);
  play<bench::locked_tables<bench::use::marks>>(all, requests, works, how);
  play<bench::read_only>(all, requests, works, how);
}
