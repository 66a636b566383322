// Any bytes as the beginning of a connection: the head is found at the same byte however it arrives, and what is understood of it
// stays within its bytes and means the same when spelt anew.
#include "core/base/text.hpp"
#include "core/request/head.hpp"
#include "core/request/summary_request.hpp"
#include "target.hpp"

namespace gateway {
namespace {

void check_boundary(std::string_view bytes, const head_boundary& whole, const head_limits& limits) {
  using state = head_boundary::state;
  std::size_t looked_at = 0;
  head_boundary split;
  std::size_t fed = 0;
  while (split.is == state::need_more && fed < bytes.size()) split = find_head_end(bytes.substr(0, ++fed), looked_at, limits);
  claim(split.is == whole.is && split.size == whole.size && split.why == whole.why, "byte by byte gives the same verdict");
  claim(looked_at <= fed, "nothing is looked at before it is there");
  claim(whole.is != state::complete || fed == whole.size, "the head's last byte completes it");
  claim(whole.size <= bytes.size() && whole.size <= limits.max_bytes, "a head lies within the buffer and the limit");
  claim(whole.is != state::need_more || bytes.size() < limits.max_bytes, "no endless waiting");
}

void check_head(std::string_view bytes, const head_limits& limits) {
  claim(bytes.find("\r\n\r\n") + 4 == bytes.size() || bytes == "\r\n", "the first empty line ends the head");
  auto const head = parse_head(bytes, limits);
  if (!head) return;
  for (auto const part :
       {head->method, head->path, head->query.value_or(""), head->authorization, head->if_none_match, head->request_id, head->origin}) {
    claim(part == "/" || lies_within(part, bytes), "views lie within the head; the path of http://host is a constant");
    claim(is_field_value(part), "no control byte gets through");
  }
  claim(is_token(head->method), "the method is a token");
  claim(!head->path.empty() || head->asterisk_form || head->method == "CONNECT" || head->query, "there is a path");

  auto const request = parse_summary_request(parse_route(head->path), *head);
  if (!request) return;
  claim(head->content.empty(), "content is read by somebody else");
  auto const again = summary_target(request->call, request->state);
  auto const mark = again.find('?');
  request_head anew;
  anew.method = head->method;
  anew.path = std::string_view{again}.substr(0, mark);
  if (mark != again.npos) anew.query = std::string_view{again}.substr(mark + 1);
  auto const same = parse_summary_request(parse_route(anew.path), anew);
  claim(same && same->call == request->call && same->state == request->state, "what goes upstream is what was asked");
}

void check(std::string_view bytes, const head_limits& limits) {
  std::size_t looked_at = 0;
  auto const end = find_head_end(bytes, looked_at, limits);
  check_boundary(bytes, end, limits);
  if (end.is == head_boundary::state::complete) check_head(bytes.substr(0, end.size), limits);
}

}  // namespace
}  // namespace gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gateway;
  auto bytes = text_of(data, size);
  bytes.remove_prefix(leading_empty_lines(bytes, 0));
  check(bytes, head_limits{});
  check(bytes, head_limits{.max_bytes = 160, .max_target_bytes = 100, .max_fields = 3});
  return 0;
}
