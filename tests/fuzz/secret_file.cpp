// Any bytes as a file with a secret, for each setting that names one: what is taken is clean, and what tools add changes nothing.
#include <algorithm>
#include <string>

#include "core/settings/secret_file.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const bytes = text_of(data, size);
  auto const printable = [](char c) { return c >= 0x20 && c < 0x7f; };
  for (std::size_t i = 0; i < secret_form_count; ++i) {
    auto const form = static_cast<secret_form>(i);
    auto const found = parse_secret_file(bytes, form);
    claim(found.lines.empty() != found.why_not.empty(), "lines, or a reason");
    claim(!found.is_empty || found.lines.empty(), "nothing has no lines");
    std::string anew{"\xef\xbb\xbf\n"};
    for (auto const line : found.lines) {
      claim(!line.empty() && line.front() != ' ' && line.back() != ' ', "no blank is a part of a secret's end");
      claim(std::ranges::all_of(line, printable), "a secret is printable");
      anew.append(" ").append(line).append("\t\r\n\n");
    }
    claim(std::ranges::all_of(found.why_not, printable), "a reason is printable");
    if (!found.lines.empty()) claim(parse_secret_file(anew, form).lines == found.lines, "what tools add means nothing");
  }
  return 0;
}
