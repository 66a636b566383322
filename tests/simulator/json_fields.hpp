#pragma once
// Reads a JSON object member by member and complains about the ones nobody asked for: a typo in a test's script must not pass silently.
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

class json_fields {
public:
  json_fields(const boost::json::value& value, std::string_view what) : what_(what) {
    if (value.is_object())
      object_ = &value.get_object();
    else
      complain(" must be a JSON object");
  }

  json_fields(boost::json::value&& temporary, std::string_view what) = delete;  // the members are read from it later

  bool has(std::string_view key) { return find(key) != nullptr; }
  const boost::json::value* get(std::string_view key) { return find(key); }
  std::optional<std::string> text(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string{std::string_view{value->get_string()}};
    complain("." + std::string{key} + " must be a string");
    return {};
  }
  std::optional<double> number(std::string_view key, double low, double high) {
    const auto* value = find(key);
    if (value == nullptr) return {};
    if (value->is_number()) {
      const double number = value->to_number<double>();
      if (number >= low && number <= high) return number;
    }
    complain("." + std::string{key} + " must be a number from " + shown(low) + " to " + shown(high));
    return {};
  }
  std::optional<std::size_t> count(std::string_view key, double low, double high) {
    const auto value = number(key, low, high);
    if (value && *value != std::floor(*value)) complain("." + std::string{key} + " must be a whole number");
    return value ? std::optional{static_cast<std::size_t>(*value)} : std::nullopt;
  }
  std::optional<bool> flag(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return {};
    if (value->is_bool()) return value->get_bool();
    complain("." + std::string{key} + " must be true or false");
    return {};
  }
  void complain(std::string_view problem) {
    if (!problem_) problem_ = what_ + std::string{problem};
  }
  // The first problem; asked last, since it also looks for members that nobody read.
  std::optional<std::string> problem() {
    if (object_ != nullptr)
      for (const auto& member : *object_)
        if (std::find(asked_.begin(), asked_.end(), std::string_view{member.key()}) == asked_.end())
          complain(": unknown member \"" + std::string{std::string_view{member.key()}} + "\"");
    return problem_;
  }

private:
  const boost::json::value* find(std::string_view key) {
    asked_.emplace_back(key);
    return object_ == nullptr ? nullptr : object_->if_contains(boost::json::string_view{key.data(), key.size()});
  }
  static std::string shown(double value) {
    std::string text = std::to_string(value);
    return text.substr(0, text.find('.'));
  }

  const boost::json::object* object_ = nullptr;
  std::string what_;
  std::vector<std::string> asked_;
  std::optional<std::string> problem_;
};

}  // namespace simulator
