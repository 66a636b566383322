#pragma once
// Reproducible chance: the same seed and words always give the same throws, on every machine and standard library.
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace simulator {

class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  dice(std::uint64_t seed, std::string_view word) : state_(seed ^ hash(word)) { next(); }

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  bool chance(double p) { return unit() < p; }
  double normal() {  // Box-Muller; std::normal_distribution differs between libraries
    const double radius = std::sqrt(-2.0 * std::log(1.0 - unit()));
    return radius * std::cos(2.0 * std::numbers::pi * unit());
  }
  template <class T, std::size_t N>
  const T& pick(const T (&choices)[N]) {
    return choices[below(N)];
  }

private:
  static std::uint64_t hash(std::string_view word) {  // FNV-1a
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return h;
  }
  std::uint64_t state_;
};

}  // namespace simulator
