// `summary-gateway ctl`: which gateway is asked, for what, and how the answer is shown. It says nothing that the admin listener does not.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/admin_call.hpp"

namespace gateway {

struct ctl_request {
  enum class view : std::uint8_t { plain, status, events };

  std::string config;      // the settings whose admin section says where the gateway is; "": the defaults
  std::string admin;       // an address that stands over the settings
  std::string token_file;  // only with `admin`
  admin_tls tls;           // `server` only with `admin`
  bool as_json = false;
  std::string_view method;
  std::string target;
  std::string number_file;  // what it holds is sent as content; "": there is none
  view shown = view::plain;
};

// The words behind `ctl`. Nothing: `why_not` says what is wrong and what would be right.
std::optional<ctl_request> parse_ctl(const std::vector<std::string_view>& words, std::string& why_not);

// For --help.
std::string ctl_usage();

}  // namespace gateway
