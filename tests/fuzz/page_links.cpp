// Any body of a list: whatever simdjson finds as an address of a page leads to the gateway or names no host, and what has been rewritten
// once is not changed again.
#include <array>
#include <string>

#include "core/base/json_reader.hpp"
#include "core/upstream/page_links.hpp"
#include "target.hpp"

namespace {

using namespace gateway;

void look_at_pages(json_value list) {
  list.each_member([](std::string_view key, json_value meta) {
    if (key != "meta") return;
    meta.each_member([](std::string_view name, json_value value) {
      bool const is_page = name == "url" || name == "first_page_url" || name == "previous_page_url" || name == "next_page_url";
      auto const link = value.text();
      if (!is_page || !link || link->empty()) return;
      bool const relative = link->front() == '?' ||
                            (link->front() == '/' && (link->size() < 2 || ((*link)[1] > ' ' && (*link)[1] != '/' && (*link)[1] != '\\')));
      auto const rest = link->substr(std::min(link->size(), std::string_view{"http://gw.test"}.size()));
      claim(relative || (link->starts_with("http://gw.test") && (rest.empty() || rest.front() == '/' || rest.front() == '?')),
            "a page is here");
    });
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static body_reader reader;
  static json_reader json;
  upstream_answer answer;
  answer.status = 200;
  answer.body = text_of(data, size);
  auto meaning = judge_passthrough(answer, std::nullopt, reader);
  lead_pages_here(answer, meaning, {"twilio.test", "http://gw.test"}, reader);
  if (meaning.is != verdict_kind::passthrough) return 0;
  auto const list = json.parse(answer.body);
  claim(list.has_value(), "a rewritten body is valid JSON");
  look_at_pages(*list);
  auto const once = answer.body;
  lead_pages_here(answer, meaning, {"gw.test", "http://gw.test"}, reader);
  claim(meaning.is == verdict_kind::passthrough && answer.body == once, "a second time changes nothing");
  return 0;
}
