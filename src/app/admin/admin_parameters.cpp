#include "app/admin/admin_parameters.hpp"

#include "core/base/text.hpp"
#include "core/request/query.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

constexpr std::uint64_t most_slow_requests = 1000;

// A query with nothing but this number; 0 if it is not there.
std::optional<std::uint64_t> read_number(std::string_view query, std::string_view wanted) {
  std::optional<std::uint64_t> number = 0;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    number = name == wanted && number ? parse_decimal(value) : std::nullopt;
  });
  return number;
}

}  // namespace

std::optional<purge_parameters> read_purge(std::string_view query) {
  purge_parameters wanted;
  int scopes = 0;
  bool is_valid = true;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "call_sid") {
      ++scopes;
      wanted.what.call = call_sid::parse(value);
      is_valid = is_valid && wanted.what.call;
    } else if (name == "account_sid") {
      ++scopes;
      wanted.what.account = account_sid::parse(value);
      is_valid = is_valid && wanted.what.account;
    } else if (name == "all" && value == "true") {
      ++scopes;
    } else if (name == "hard" && (value == "true" || value == "false")) {
      wanted.how = value == "true" ? purge_depth::hard : purge_depth::soft;
    } else {
      is_valid = false;
    }
  });
  if (!is_valid || scopes != 1) return std::nullopt;
  return wanted;
}

std::optional<explain_parameters> read_explain(std::string_view query) {
  std::optional<call_sid> call;
  auto state = processing_state::absent;
  bool is_valid = true;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "call_sid") {
      call = call_sid::parse(value);
    } else if (auto const named = parse_processing_state(value); name == "state" && named) {
      state = *named;
    } else {
      is_valid = false;
    }
  });
  if (!call || !is_valid) return std::nullopt;
  return explain_parameters{*call, state};
}

std::optional<slow_parameters> read_slow(std::string_view query) {
  slow_parameters wanted;
  bool is_valid = true;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "min") {
      auto const min = parse_duration(value);
      is_valid = is_valid && min;
      wanted.min = min.value_or(wanted.min);
    } else if (name == "limit") {
      auto const limit = parse_decimal(value);
      is_valid = is_valid && limit && *limit >= 1 && *limit <= most_slow_requests;
      wanted.limit = static_cast<std::size_t>(limit.value_or(0));
    } else {
      is_valid = false;
    }
  });
  if (!is_valid) return std::nullopt;
  return wanted;
}

std::optional<std::uint64_t> read_stats(std::string_view query) { return read_number(query, "after"); }

std::optional<std::uint64_t> read_events(std::string_view query) { return read_number(query, "since"); }

}  // namespace gateway
