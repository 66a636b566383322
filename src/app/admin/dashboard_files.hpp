// The files of the dashboard as bytes in the program. Defined in a source that src/app/admin/dashboard/embed.cmake writes into the build
// directory. Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

namespace gateway {

struct embedded_file {
  std::string_view name;  // without its folder
  std::string_view bytes;
};

std::span<const embedded_file> dashboard_files();

}  // namespace gateway
