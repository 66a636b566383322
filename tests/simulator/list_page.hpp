#pragma once
// How Twilio pages a list: what a query asks for, and the body with its `meta`, whose URLs name Twilio's host.
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace simulator {

inline constexpr std::string_view twilio_origin = "https://insights.twilio.com";

struct refused_parameter {
  std::string name;
};

struct page_request {
  std::size_t size = 50;    // PageSize
  std::size_t first = 0;    // of the whole list; only PageToken decides it
  std::size_t number = 0;   // Page: repeated in `meta`, without a meaning of its own
  std::string other_pairs;  // of the query, as they were written

  static std::variant<page_request, refused_parameter> parse(std::string_view query);
};

// The part of a list that a page shows: indexes [from, to).
struct page_slice {
  std::size_t from, to;
};
page_slice slice_of(const page_request& asked, std::size_t total);

// `items`: those of the slice, as JSON texts.
std::string list_body(const page_request& asked, std::string_view path, std::string_view key, std::size_t total,
                      const std::vector<std::string>& items);

}  // namespace simulator
