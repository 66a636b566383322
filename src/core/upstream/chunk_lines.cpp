#include "core/upstream/chunk_lines.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gateway {

std::optional<std::size_t> chunk_lines::take_blanks(std::span<char> input) {
  static constexpr std::string_view crlf = "\r\n";
  std::string_view const text{input.data(), input.size()};
  std::size_t const begin = text.starts_with(crlf) ? crlf.size() : 0;
  auto const end = text.find(crlf, std::max(begin, searched_));
  searched_ = end == std::string_view::npos ? std::max<std::size_t>(text.size(), 1) - 1 : 0;
  if (end == std::string_view::npos) return std::nullopt;
  auto const last = text.substr(begin, end - begin).find_last_not_of(" \t");
  if (last == std::string_view::npos) return 0;  // a line of blanks is no chunk's
  auto const kept = begin + last + 1;
  std::move_backward(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(kept), input.begin() + static_cast<std::ptrdiff_t>(end));
  return end - kept;
}

}  // namespace gateway
