#pragma once
// Which calls a list of Call Summaries shows: the query's filters, and the order.
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "calls.hpp"
#include "list_page.hpp"
#include "summary_body.hpp"

namespace simulator {

struct listed_call {
  call_facts call;
  life when;
};

struct summary_filter {
  std::optional<std::string> subaccount, call_type, call_state;
  bool partial = false, complete = true;
  bool by_end_time = false;
  sim_time from, to;  // of the calls' start

  static std::variant<summary_filter, refused_parameter> parse(std::string_view query, sim_time now);
  bool shows(const call_outline& outline, life when) const;
};

// A page of the calls of one account, the last call first.
struct summary_page {
  std::vector<listed_call> calls;
  std::size_t total = 0;  // of the whole list
};
summary_page page_of(const call_registry& registry, std::uint64_t seed, std::string_view account_sid, const summary_filter& filter,
                     const page_request& asked, sim_time now);

}  // namespace simulator
