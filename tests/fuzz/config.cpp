// Any bytes as a configuration: problems in order and fit to print, or settings that survive being printed and read again.
#include <algorithm>

#include "core/settings/load.hpp"
#include "target.hpp"

namespace gateway {
namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const yaml = text_of(data, size);
  auto const loaded = load_settings(yaml);
  claim(std::ranges::is_sorted(loaded.problems, {}, &problem::line), "problems come in the order of lines");
  for (auto const& p : loaded.problems) {
    claim(p.line >= 0 && static_cast<std::size_t>(p.line) <= size + 1, "a problem's line is one of the file's");
    claim(!p.text.empty(), "a problem says something");
    claim(is_printable(p.key) && is_printable(p.text), "a problem is fit for a terminal");
  }
  if (!loaded.problems.empty()) return 0;
  for (bool const commented : {false, true}) {
    auto const printed = print_settings(loaded.values, commented);
    auto const again = load_settings(printed);
    claim(again.problems.empty(), "what is printed can be read");
    claim(print_settings(again.values, commented) == printed, "and means the same");
  }
  return 0;
}
