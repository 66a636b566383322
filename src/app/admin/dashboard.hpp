// The live dashboard's files (src/app/dashboard and the chart library), put into the program when it is built: a page that needs nothing
// else and draws what GET /api/stats and /api/slow say.
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

  // "/" is the page, "/dashboard/…" its parts; null: there is no such file.
  [[nodiscard]] const static_file* file(std::string_view path) const;

  // Of each answer: nothing from elsewhere runs, styles, frames or is told anything.
  static constexpr std::string_view fields =
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n";

private:
  std::vector<std::pair<std::string, static_file>> files_;  // by path
};

}  // namespace gateway
