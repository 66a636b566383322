#include "core/telemetry/otlp.hpp"

#include "core/base/ip_address.hpp"
#include "core/base/json_writer.hpp"

namespace gateway {
namespace {

enum class span_kind : std::uint8_t { internal = 1, server = 2, client = 3 };
constexpr int status_error = 2;

// In protobuf's JSON, 64-bit numbers are strings.
std::string decimal(std::integral auto number) {
  std::string text;
  append_number(text, number);
  return text;
}

std::string unix_nanos(wall_time at) {
  return decimal(std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count());
}

class attributes {
public:
  explicit attributes(std::string& out) : out_(out) { out_ += '['; }
  attributes(const attributes&) = delete;
  attributes& operator=(const attributes&) = delete;
  ~attributes() { out_ += ']'; }

  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) add(key, "stringValue", value);
  }
  void number(std::string_view key, std::integral auto value) {
    if (value != 0) add(key, "intValue", decimal(value));
  }

private:
  void add(std::string_view key, std::string_view kind, std::string_view value) {
    if (!first_) out_ += ',';
    first_ = false;
    json_object attribute{out_};
    attribute.text("key", key);
    attribute.begin("value");
    json_object any{out_};
    any.text(kind, value);
  }

  std::string& out_;
  bool first_ = true;
};

span_kind kind_of(hop h) { return side_of(h) == hop_side::upstream ? span_kind::client : span_kind::internal; }

void begin_span(json_object& one, const trace_place& of, span_id id, span_id parent, std::string_view name, span_kind kind) {
  one.text("traceId", text_of(of.trace));
  one.text("spanId", text_of_span(id));
  if (parent != 0) one.text("parentSpanId", text_of_span(parent));
  one.text("name", name);
  one.number("kind", static_cast<int>(kind));
}

void server_span(std::string& out, const logged_request& one, std::span<const std::string> listeners) {
  auto const& of = one.of;
  json_object span{out};
  std::string name{name_of(of.method)};
  if (of.what != resource::none) name.append(name.empty() ? "" : " ").append(name_of(of.what));
  begin_span(span, of.trace, of.trace.span, of.trace.parent, name.empty() ? "unreadable" : name, span_kind::server);
  span.text("startTimeUnixNano", unix_nanos(one.at - std::chrono::duration_cast<wall_time::duration>(of.hops.total())));
  span.text("endTimeUnixNano", unix_nanos(one.at));
  span.begin("attributes");
  {
    attributes list{out};
    list.text("http.request.method", name_of(of.method));
    list.number("http.response.status_code", of.status);
    list.number("http.response.size", of.bytes);
    if (of.listener < listeners.size()) list.text("server.address", listeners[of.listener]);
    if (of.why) list.text("error.type", name_of(*of.why));
    list.text("gateway.outcome", name_of(of.ended));
    list.text("gateway.request_id", of.request_id.view());
    list.text("gateway.call", one.call.view());
    list.text("gateway.client", of.client.view());
    if (ip_address::parse(of.client.view())) list.text("client.address", of.client.view());  // log.client_addresses: plain
    list.number("gateway.upstream_status", of.upstream_status);
    list.number("gateway.retries", of.retries);
  }
  if (of.status < 500) return;
  span.begin("status");
  json_object status{out};
  status.number("code", status_error);
}

// The ledger holds how long each hop took, but not when. So the spans follow each other in the usual order of the hops.
void hop_spans(std::string& out, const logged_request& one) {
  auto const& of = one.of;
  auto at = one.at - std::chrono::duration_cast<wall_time::duration>(of.hops.total());
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const which = static_cast<hop>(i);
    auto const spent = std::chrono::duration_cast<wall_time::duration>(of.hops.spent(which));
    if (spent.count() <= 0) continue;
    out += ',';
    json_object span{out};
    auto const id = of.trace.span + i + 1;
    begin_span(span, of.trace, id == 0 ? ~span_id{0} : id, of.trace.span, name_of(which), kind_of(which));
    span.text("startTimeUnixNano", unix_nanos(at));
    span.text("endTimeUnixNano", unix_nanos(at += spent));
  }
}

}  // namespace

std::string otlp_traces(std::span<const logged_request> requests, std::span<const std::string> listeners, std::string_view version) {
  std::string body = R"({"resourceSpans":[{"resource":{"attributes":)";
  {
    attributes list{body};
    list.text("service.name", "summary-gateway");
    list.text("service.version", version);
  }
  body += R"(},"scopeSpans":[{"scope":{"name":"summary-gateway"},"spans":)";
  json_list(body, requests, [&](const logged_request& one) {
    server_span(body, one, listeners);
    hop_spans(body, one);
  });
  return body += "}]}]}";
}

std::string otlp_post(std::string_view host_field, std::string_view body) {
  std::string text = "POST /v1/traces HTTP/1.1\r\nHost: ";
  text.append(host_field).append("\r\nContent-Type: application/json\r\nContent-Length: ");
  append_number(text, body.size());
  return text.append("\r\n\r\n").append(body);
}

}  // namespace gateway
