#include "app/admin/dashboard.hpp"

#include <algorithm>

#include "app/admin/dashboard_files.hpp"

namespace gateway {
namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".md")) return "text/plain; charset=utf-8";
  return "text/html; charset=utf-8";
}

}  // namespace

dashboard::dashboard() {
  for (auto const& [name, bytes] : dashboard_files())
    files_.emplace_back(name == "index.html" ? "/" : "/dashboard/" + std::string{name}, static_file{type_of(name), bytes});
}

const static_file* dashboard::file(std::string_view path) const {
  auto const found = std::ranges::find(files_, path, [](auto const& one) { return std::string_view{one.first}; });
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace gateway
