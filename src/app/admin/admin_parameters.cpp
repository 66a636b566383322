#include "app/admin/admin_parameters.hpp"

#include "core/base/text.hpp"
#include "core/request/query.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

constexpr std::uint64_t most_slow_requests = 1000;

std::string outcomes() {
  std::string text = "outcome is one of";
  for (std::size_t i = 0; i < outcome_count; ++i) text.append(i == 0 ? " " : ", ").append(name_of(static_cast<outcome>(i)));
  return text += '.';
}

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
  std::string client;
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "call_sid") {
      call = call_sid::parse(value);
    } else if (name == "client") {
      client = decoded(value);
      is_valid = is_valid && !client.empty();
    } else if (auto const named = parse_processing_state(value); name == "state" && named) {
      state = *named;
    } else {
      is_valid = false;
    }
  });
  if (!call || !is_valid) return std::nullopt;
  return explain_parameters{*call, state, std::move(client)};
}

std::optional<slow_parameters> read_slow(std::string_view query, std::string& why_not) {
  slow_parameters made;
  auto& wanted = made.wanted;
  why_not.clear();
  auto const check = [&](bool is_right, std::string_view right) {
    if (!is_right) why_not = right;
  };
  for_each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name == "min") {
      auto const min = parse_duration(value);
      check(min.has_value(), "min is a duration, as 50ms or 2s.");
      wanted.min = min.value_or(wanted.min);
    } else if (name == "limit") {
      auto const limit = parse_decimal(value);
      check(limit && *limit >= 1 && *limit <= most_slow_requests, "limit is a number from 1 to 1000.");
      made.limit = static_cast<std::size_t>(limit.value_or(0));
    } else if (name == "client") {
      wanted.client = decoded(value);
      check(!wanted.client.empty(), "client is a client as /api/clients names it.");
    } else if (name == "fault") {
      wanted.why = fault_named(value);
      check(wanted.why.has_value(),
            "fault is a word as in the field Gateway-Fault, such as " + std::string{name_of(fault::upstream_busy)} + ".");
    } else if (name == "outcome") {
      wanted.ended = outcome_named(value);
      check(wanted.ended.has_value(), outcomes());
    } else {
      check(false, "The parameters are min, client, fault, outcome and limit. Without any, all requests are listed.");
    }
  });
  if (!why_not.empty()) return std::nullopt;
  return made;
}

std::optional<std::uint64_t> read_stats(std::string_view query) { return read_number(query, "after"); }

std::optional<std::uint64_t> read_events(std::string_view query) { return read_number(query, "since"); }

}  // namespace gateway
