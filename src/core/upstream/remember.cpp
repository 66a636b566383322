#include "core/upstream/remember.hpp"

#include <algorithm>

#include "core/base/etag.hpp"
#include "core/base/gzip.hpp"
#include "core/base/text.hpp"
#include "core/cache/upstream_cache_control.hpp"

namespace gateway {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Below this size the fields of an answer outweigh what compression saves.
constexpr std::size_t least_worth_compressing = 1024;
// About the size of the fields that the gateway adds.
constexpr std::size_t own_fields = 224;

struct upstream_fields {
  std::string origin;      // for hits: the id of the original answer
  std::string for_pages;   // for all clients: Access-Control-*
  std::string lasting;     // for all clients: the other fields
  std::string of_bytes;    // with the upstream's exact bytes only
  std::string of_request;  // for the clients that waited for it
};

upstream_fields fields_of(const upstream_answer& answer, const verdict& meaning, std::span<const std::string> added) {
  upstream_fields fields;
  static constexpr std::string_view request_id = "twilio-request-id";
  std::size_t most = 0;
  for (auto const& field : answer.fields) most += field.name.size() + field.value.size() + 4;
  fields.lasting.reserve(most);
  passthrough_fields const passes{answer, added};
  auto const id = answer.field(request_id);
  if (!id.empty() && passes.has(request_id)) append_field(fields.origin, "X-Origin-Twilio-Request-Id", id);
  for (auto const& field : answer.fields) {
    auto const use = passes.use_of(field.name);
    if (!reaches_clients(use)) continue;  // defence: fields-allowed
    // The gateway computes the Retry-After of a "not ready" itself, because it knows how long it serves the stored one.
    if (meaning.is == verdict_kind::not_ready && iequals(field.name, "retry-after")) continue;
    auto& lasting = use == field_use::exact_bytes ? fields.of_bytes : is_for_pages(field.name) ? fields.for_pages : fields.lasting;
    append_field(use == field_use::waiting ? fields.of_request : lasting, field.name, field.value);
  }
  return fields;
}

struct form_fields {
  std::string_view etag;
  std::string_view coding;
  bool no_store = false;
};

representation serialised(const upstream_fields& fields, std::string_view body, const form_fields& own) {
  auto const& [etag, coding, no_store] = own;
  representation form;
  std::string head;
  head.reserve(fields.origin.size() + fields.for_pages.size() + fields.lasting.size() + fields.of_bytes.size() + own_fields);
  head += fields.origin;
  form.shared_at = static_cast<std::uint32_t>(head.size());
  form.access_control = static_cast<std::uint32_t>(fields.for_pages.size());
  head.append(fields.for_pages).append(fields.lasting);
  if (coding.empty()) head += fields.of_bytes;  // defence: digest-of-bytes
  if (!coding.empty()) append_field(head, "Content-Encoding", coding);
  if (!etag.empty()) {
    form.etag_at = static_cast<std::uint32_t>(head.size() + std::string_view{"ETag: "}.size());
    form.etag_size = static_cast<std::uint32_t>(etag.size());
    append_field(head, "ETag", etag);
  }
  // The upstream's no-store also holds for caches of clients. In all other cases they must revalidate each time.
  if (no_store) {
    append_field(head, "Cache-Control", "no-store");
  } else if (!etag.empty()) {
    append_field(head, "Cache-Control", "private, no-cache");
  }
  append_field(head, "Vary", "Authorization, Accept-Encoding");
  head += "Content-Length: ";
  append_number(head, body.size());
  head += "\r\n\r\n";
  form.body_at = static_cast<std::uint32_t>(head.size());
  form.wire.reserve(head.size() + body.size());  // exactly, because it may live for an hour
  form.wire.append(head).append(body);
  return form;
}

}  // namespace

remembered remember(const upstream_answer& answer, const verdict& meaning, const instant& now, const freshness_policy& policy,
                    bool compress, std::optional<mono_time> asked_at, std::span<const std::string> added) {
  remembered result;
  upstream_cache_control said;
  for (auto const& field : answer.fields) said.add(field.name, field.value, now.wall);
  auto made = std::make_shared<entry>();
  made->status = static_cast<std::uint16_t>(answer.status);
  made->code = meaning.code;
  made->account = meaning.account;
  made->asked_at = asked_at.value_or(now.mono);
  made->stored_at = now.mono;
  auto fields = fields_of(answer, meaning, added);
  auto const tag = answer.status == 200 ? etag_of(answer.body) : std::string{};
  made->plain = serialised(fields, answer.body, {tag, "", said.says_no_store()});

  auto const kind = meaning.storable();
  auto const heard = said.bounds(now.mono - made->asked_at, now.wall, policy);
  if (!kind) {
    result.why_not = meaning.why_not;
  } else if (auto const span = lifetime_of(*kind, meaning.end_time, now, policy, heard)) {
    made->kind = *kind;
    made->ask_first = heard.ask_first;
    made->fresh_at_most = heard.fresh_at_most;
    made->stored_at = span->stored_at;
    made->gone_at = span->gone_at;
    made->gone_by = span->gone_by;
    if (heard.forbids_storing) result.why_not = not_stored::upstream_forbids;
  } else {
    result.why_not = not_stored::record_over;
  }
  if (compress && !result.why_not && answer.status == 200 && answer.body.size() >= least_worth_compressing) {
    auto const packed = gzip(answer.body);
    auto const packed_tag = gzip_tag(tag);
    if (packed.size() < answer.body.size())
      made->gzip = std::make_unique<const representation>(serialised(fields, packed, {packed_tag, "gzip", said.says_no_store()}));
  }
  result.fresh_fields = std::move(fields.of_request);
  result.made = std::move(made);
  return result;
}

bool recognise(entry& made, const call_sid& call, const instant& now, const freshness_policy& policy, body_reader& reader) {
  auto const facts = reader.read_summary(made.plain.body(), call);
  // defence: recognised-call
  bool const is_it = facts.is == summary_facts::identity::right_call && facts.state == summary_facts::summary_state::complete &&
                     !facts.ambiguous && !facts.malformed_account;
  auto const life = lifetime_of(answer_kind::complete, facts.end_time, now, policy);
  if (!is_it || !life) return false;  // defence: thirty-days-body
  made.account = facts.account;
  made.gone_by = std::min(made.gone_by, life->gone_by);
  made.gone_at = std::min(made.gone_at, life->gone_at);
  return true;
}

}  // namespace gateway
