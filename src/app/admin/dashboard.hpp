// The live dashboard's files (src/app/admin/dashboard and the chart library), which the build puts into the program. The page loads nothing
// from elsewhere and draws what GET /api/stats and /api/slow answer.
// Thread rule: immutable once made.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/reply/static_file.hpp"

namespace gateway {

class dashboard {
public:
  dashboard();

  // "/" is the page, "/dashboard/…" are its other files. Null: there is no such file.
  [[nodiscard]] const static_file* file(std::string_view path) const;

  // Header fields of each file: the browser runs, loads, frames and contacts nothing from other sites.
  static constexpr std::string_view fields =
      // defence: page-scripts
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n";

private:
  std::vector<std::pair<std::string, static_file>> files_;  // by path
};

}  // namespace gateway
