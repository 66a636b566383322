#include "core/telemetry/client_rates.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gateway {

void client_rates::note(const std::vector<client_row>& rows, mono_time now) {
  then_ = std::exchange(since_, {now, {}});
  for (auto const& one : rows) since_.requests.emplace(one.who.view(), one.figures.requests);
}

std::uint64_t client_rates::in_ten_seconds(const client_row& of, mono_time now) const {
  auto const found = then_.requests.find(of.who.view());
  auto const before = found == then_.requests.end() ? 0 : found->second;
  auto const requests = of.figures.requests;
  auto const more = requests >= before ? requests - before : requests;  // its row was another client's meanwhile
  auto const length = std::max<mono_time::duration>(now - then_.at, std::chrono::seconds{1});
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(more) * 10 / std::chrono::duration<double>(length).count()));
}

}  // namespace gateway
