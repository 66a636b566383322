#include "list_page.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

#include "route.hpp"

namespace simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000, largest_number = 1'000'000'000;
constexpr std::string_view token_prefix = "PT";

std::optional<std::size_t> whole_number(std::string_view text, std::size_t low, std::size_t high) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) return {};
  return value;
}

bool read_pair(page_request& into, std::string_view name, std::string_view value) {
  if (name == "PageSize") {
    const auto size = whole_number(value, 1, largest_page);
    into.size = size.value_or(0);
    return size.has_value();
  }
  if (name == "Page") {
    const auto number = whole_number(value, 0, largest_number);
    into.number = number.value_or(0);
    return number.has_value();
  }
  if (!value.starts_with(token_prefix)) return false;
  const auto first = whole_number(value.substr(token_prefix.size()), 0, largest_number);
  into.first = first.value_or(0);
  return first.has_value();
}

std::string page_url(const page_request& asked, std::string_view path, std::size_t number, std::optional<std::size_t> first) {
  std::string url{twilio_origin};
  url += path;
  url += '?';
  if (!asked.other_pairs.empty()) url += asked.other_pairs + "&";
  url += "PageSize=" + std::to_string(asked.size) + "&Page=" + std::to_string(number);
  if (first) url += "&PageToken=" + std::string{token_prefix} + std::to_string(*first);
  return url;
}

}  // namespace

std::variant<page_request, refused_parameter> page_request::parse(std::string_view query) {
  page_request asked;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const auto equals = pair.find('=');
    const std::string name = percent_decoded(pair.substr(0, equals), true);
    if (name == "PageSize" || name == "Page" || name == "PageToken") {
      const std::string value = equals == std::string_view::npos ? std::string{} : percent_decoded(pair.substr(equals + 1), true);
      if (!read_pair(asked, name, value)) return refused_parameter{name};
    } else if (!pair.empty()) {
      if (!asked.other_pairs.empty()) asked.other_pairs += '&';
      asked.other_pairs += pair;
    }
  }
  return asked;
}

page_slice slice_of(const page_request& asked, std::size_t total) {
  const std::size_t from = std::min(asked.first, total);
  return {from, std::min(from + asked.size, total)};
}

std::string list_body(const page_request& asked, std::string_view path, std::string_view key, std::size_t total,
                      const std::vector<std::string>& items) {
  json::object meta;
  meta["page"] = asked.number;
  meta["page_size"] = asked.size;
  meta["first_page_url"] = page_url(asked, path, 0, {});
  meta["previous_page_url"] = nullptr;
  if (asked.first > 0)
    meta["previous_page_url"] =
        page_url(asked, path, asked.number - std::min<std::size_t>(asked.number, 1), asked.first - std::min(asked.first, asked.size));
  meta["next_page_url"] = nullptr;
  if (asked.first + asked.size < total) meta["next_page_url"] = page_url(asked, path, asked.number + 1, asked.first + asked.size);
  meta["key"] = json::string_view{key.data(), key.size()};
  meta["url"] = page_url(asked, path, asked.number, {});

  std::string body = "{\"meta\": " + json::serialize(meta) + ", \"" + std::string{key} + "\": [";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) body += ", ";
    body += items[i];
  }
  body += "]}";
  return body;
}

}  // namespace simulator
