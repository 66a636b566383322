#include "core/upstream/remember.hpp"

#include "core/base/keyed_hash.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Strong and stable over restarts and replicas: a digest of the exact bytes (RFC 9110 §8.8.3).
std::string etag_of(std::string_view body) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string tag{'"'};
  for (auto const byte : content_digest(body)) {
    tag += hex[std::to_integer<unsigned>(byte) >> 4];
    tag += hex[std::to_integer<unsigned>(byte) & 15];
  }
  return tag += '"';
}

}  // namespace

remembered remember(const upstream_answer& answer, const verdict& meaning, const instant& now, const freshness_policy& policy) {
  remembered result;
  auto made = std::make_shared<entry>();
  made->status = static_cast<std::uint16_t>(answer.status);
  made->code = meaning.code;
  made->account = meaning.account;
  made->stored_at = now.mono;

  std::string wire;
  if (auto const origin = answer.field("twilio-request-id"); !origin.empty()) append_field(wire, "X-Origin-Twilio-Request-Id", origin);
  made->shared_at = static_cast<std::uint32_t>(wire.size());
  for (auto const& field : answer.fields) {
    if (!is_relayed(field.name, answer)) continue;
    append_field(is_per_request(field.name) ? result.fresh_fields : wire, field.name, field.value);
  }
  if (answer.status == 200) {
    made->etag = etag_of(answer.body);
    append_field(wire, "ETag", made->etag);
    append_field(wire, "Cache-Control", "private, no-cache");
  }
  append_field(wire, "Vary", "Authorization, Accept-Encoding");
  wire += "Content-Length: ";
  append_number(wire, answer.body.size());
  wire += "\r\n\r\n";
  made->body_at = static_cast<std::uint32_t>(wire.size());
  made->wire.reserve(wire.size() + answer.body.size());  // exactly: it may live for an hour
  made->wire.append(wire).append(answer.body);

  if (auto const kind = meaning.storable()) {
    made->kind = *kind;
    if (auto const span = lifetime_of(*kind, meaning.end_time, now, policy)) {
      made->fresh_until = span->fresh_until;
      made->gone_at = span->gone_at;
      result.keep = true;
    }
  }
  result.made = std::move(made);
  return result;
}

}  // namespace gateway
