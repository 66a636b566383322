// Any bytes as a body, as the number that an operator erases, and as the file of erasures' records: what can be erased in a spelling is
// found in that spelling, and a record is read back as it was written.
#include "core/base/party.hpp"
#include "core/cache/erasure_log.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto const bytes = text_of(data, size);
  std::string_view why_not;
  auto const one = read_party(bytes, why_not);
  bool is_found = false;
  find_parties(bytes, [&](std::string_view form) {
    is_found = is_found || (one && form == one->reveal());
    claim(form.find_first_of("\r\n \"") == std::string_view::npos, "a form is one word");
  });
  claim(!one || is_found, "what is read is found");
  claim(one || !why_not.empty(), "a refusal has a reason");

  auto const log = erasure_log::parse(bytes);
  claim(log.all().size() <= erasure_log::most, "records are bounded");
  claim(erasure_log::parse(log.text()).text() == log.text(), "records are read back");
  return 0;
}
