// From slices of work by 1, 2 and more threads, which took turns, to a row of a table: medians, and how much dearer it is for more threads,
// with the interval of that median.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

struct slice {
  double ns = 0;              // of a thread, for each piece of work
  bool is_disturbed = false;  // another program had one of the cores
};

inline double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// Between what the medians of samples drawn from these lie, 95 times of 100.
inline std::pair<double, double> interval_of(const std::vector<double>& values) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
  std::vector<double> medians;
  for (int sample = 0; sample < 400; ++sample) {
    std::vector<double> drawn;
    for (std::size_t at = 0; at < values.size(); ++at) drawn.push_back(values[any(random)]);
    medians.push_back(median_of(drawn));
  }
  std::sort(medians.begin(), medians.end());
  return {medians[10], medians[389]};
}

// One of each number of threads; the first one is 1.
using round_of_slices = std::vector<slice>;

inline bool is_disturbed(const round_of_slices& round) {
  return std::any_of(round.begin(), round.end(), [](const slice& one) { return one.is_disturbed; });
}

inline std::vector<double> column(const std::vector<round_of_slices>& rounds, std::size_t which, bool as_ratio) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const auto& round : rounds) values.push_back(as_ratio ? round[which].ns / round[0].ns : round[which].ns);
  return values;
}

inline void print_row(std::string_view first, std::string_view second, std::vector<round_of_slices> rounds) {
  std::vector<round_of_slices> quiet;
  std::copy_if(rounds.begin(), rounds.end(), std::back_inserter(quiet), [](const auto& round) { return !is_disturbed(round); });
  const bool is_busy = quiet.empty();
  if (!is_busy) rounds = std::move(quiet);
  const auto numbers = rounds.front().size();
  std::printf("| %.*s | %.*s |", static_cast<int>(first.size()), first.data(), static_cast<int>(second.size()), second.data());
  for (std::size_t which = 0; which < numbers; ++which) std::printf(" %.1f |", median_of(column(rounds, which, false)));
  for (std::size_t which = 1; which < numbers; ++which) {
    const auto ratios = column(rounds, which, true);
    const auto [least, most] = interval_of(ratios);
    std::printf(" %.3f (%.3f–%.3f) |", median_of(ratios), least, most);
  }
  std::printf(" %zu%s |\n", rounds.size(), is_busy ? ", all disturbed" : "");
  std::fflush(stdout);
}

inline void print_head(std::string_view first, std::string_view second, const std::vector<std::size_t>& threads) {
  std::printf("| %.*s | %.*s | ", static_cast<int>(first.size()), first.data(), static_cast<int>(second.size()), second.data());
  for (const auto number : threads) std::printf("ns, %zu thread%s | ", number, number == 1 ? "" : "s");
  for (std::size_t which = 1; which < threads.size(); ++which) std::printf("%zu ÷ 1 (95 %% of medians) | ", threads[which]);
  std::printf("rounds counted |\n|---|---|");
  for (std::size_t which = 0; which < 2 * threads.size(); ++which) std::printf("---|");
  std::printf("\n");
}

}  // namespace bench
