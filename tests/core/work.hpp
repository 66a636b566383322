// Compares the work for an input with the work for one four times as long: linear work grows fourfold, quadratic work sixteenfold. CPU time
// of this thread, the least of several runs, and several attempts: other processes can make a run slower, but no run can be too fast.
#pragma once

#include <ctime>

#include <algorithm>
#include <cstddef>

namespace gateway {

inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// `make(size)` prepares an input; `use(input)` is what is measured.
template <class Make, class Use>
double growth_of_work(std::size_t size, const Make& make, const Use& use) {
  static constexpr int attempts = 5;
  static constexpr int runs = 5;
  static constexpr double fair = 7;
  auto const small = make(size);
  auto const large = make(4 * size);
  auto const seconds_for = [&](const auto& input, int times) {
    auto least = 1e9;
    for (int run = 0; run < runs; ++run) {
      auto const begun = thread_seconds();
      for (int i = 0; i < times; ++i) use(input);
      least = std::min(least, thread_seconds() - begun);
    }
    return least;
  };
  int times = 1;
  while (seconds_for(small, times) < 0.0005 && times < 1'000'000) times *= 2;
  auto growth = 1e9;
  for (int attempt = 0; attempt < attempts && growth > fair; ++attempt)
    growth = std::min(growth, seconds_for(large, times) / seconds_for(small, times));
  return growth;
}

// Between linear and quadratic, with room for caches that the longer input does not fit into.
inline constexpr double too_much_growth = 10;

}  // namespace gateway
