#include "latency.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace simulator {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0) return {};
  return value;
}

std::optional<double> microseconds_of(std::string_view text) {
  struct unit {
    std::string_view name;
    double factor;
  };
  for (const unit u : {unit{"us", 1}, unit{"ms", 1e3}, unit{"s", 1e6}}) {  // the short "s" last: it ends the others too
    if (!text.ends_with(u.name)) continue;
    const auto value = number(text.substr(0, text.size() - u.name.size()));
    if (!value || *value * u.factor > 3.6e9) return {};
    return *value * u.factor;
  }
  return {};
}

}  // namespace

std::optional<latency_model> latency_model::parse(std::string_view spec) {
  latency_model model;
  const auto colon = spec.find(':');
  if (colon == std::string_view::npos) {
    const auto value = microseconds_of(spec);
    if (!value) return {};
    model.first_ = *value;
    return model;
  }
  const std::string_view name = spec.substr(0, colon);
  const std::string_view rest = spec.substr(colon + 1);
  const auto second_colon = rest.find(':');
  if (second_colon == std::string_view::npos) return {};
  const auto first = microseconds_of(rest.substr(0, second_colon));
  const std::string_view last = rest.substr(second_colon + 1);
  const auto second = name == "lognormal" ? number(last) : microseconds_of(last);
  if (!first || !second) return {};
  if (name == "uniform" && *first <= *second) {
    model.kind_ = kind::uniform;
  } else if (name == "lognormal" && *second <= 5) {
    model.kind_ = kind::lognormal;
  } else {
    return {};
  }
  model.first_ = *first;
  model.second_ = *second;
  return model;
}

std::chrono::microseconds latency_model::sample(dice& chance) const {
  double value = first_;
  if (kind_ == kind::uniform) value = first_ + (second_ - first_) * chance.unit();
  if (kind_ == kind::lognormal) value = std::min(first_ * std::exp(second_ * chance.normal()), 6e8);
  return std::chrono::microseconds{std::llround(value)};
}

}  // namespace simulator
