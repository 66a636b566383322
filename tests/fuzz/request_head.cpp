// Any bytes as the beginning of a connection: the head is found at the same byte however it arrives, and what is understood of it
// stays within its bytes and means the same when spelt anew.
#include "core/base/text.hpp"
#include "core/request/accept_encoding.hpp"
#include "core/request/cross_site.hpp"
#include "core/request/head.hpp"
#include "core/request/passthrough_request.hpp"
#include "core/request/summary_request.hpp"
#include "core/request/via.hpp"
#include "core/upstream/request.hpp"
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

void check_passed_on(const request_head& head) {
  auto const where = parse_route(head.path);
  if (where.what >= resource::summary) return;
  passthrough_set all;
  all.fill(true);
  auto const request = parse_passthrough_request(head, where, all);
  if (!request) return;
  auto const via = via_field(received_via(head), head.http_1_0, "fuzzed");
  auto const sent = compose_request("upstream.test", *request, "Basic YTpi", via + trace_fields({}, 1, head.tracestate));
  auto const read = parse_head(sent.reveal(), head_limits{.max_bytes = 64 * 1024, .max_target_bytes = 32 * 1024});
  claim(read && read->path == head.path && read->query == request->query, "what goes upstream names what was asked for");
  claim(read->method == (request->changes() ? "POST" : "GET") && read->content_framed.has_value() == !head.content.empty(),
        "as it was meant");
  claim(!request->changes() || read->content_type == head.content_type, "nothing of the client's becomes a field of its own");
  claim(is_loop(*read, "fuzzed"), "a request that comes back is recognized");
  claim(read->authorization == "Basic YTpi" && read->host == "upstream.test", "nor displaces one of ours");
}

void check_head(std::string_view bytes, const head_limits& limits) {
  claim(bytes.find("\r\n\r\n") + 4 == bytes.size() || bytes == "\r\n", "the first empty line ends the head");
  auto const head = parse_head(bytes, limits);
  if (!head) return;
  for (auto const part : {head->method, head->path, head->query.value_or(""), head->authorization, head->host, head->origin,
                          head->sec_fetch_site, head->request_id}) {
    claim(part == "/" || lies_within(part, bytes), "views lie within the head; the path of http://host is a constant");
    claim(is_field_value(part), "no control byte gets through");
  }
  for (auto const* lines : {&head->if_none_match, &head->accept_encoding}) {
    for (auto const line : *lines) claim(lies_within(line, bytes), "so do the lines of list fields");
  }
  claim(!accepts_gzip(head->accept_encoding) || !head->accept_encoding.empty(), "who sends no Accept-Encoding is sent no gzip");
  claim(!is_cross_site(*head) || !head->origin.empty() || !head->sec_fetch_site.empty(), "only a browser can be on another site");
  auto const cache_control = head->cache_control;
  bool const newer = cache_control.wants_newer(std::chrono::seconds{1}, std::chrono::seconds{1});
  claim(!newer || cache_control.wants_newer(std::chrono::seconds{2}, std::chrono::seconds{0}),
        "who finds this too old finds an older one too old");
  claim(is_token(head->method), "the method is a token");
  claim(!head->path.empty() || head->asterisk_form || head->query, "there is a path");

  check_passed_on(*head);
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
