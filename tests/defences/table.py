"""What protects us, one row each: take it away and the named tests must fail. The scenarios are numbered as in the project's list of
abuse and faults (requests 1-10, slow and many 11-14, cache and tenants 15-19, operator 33-35).

A row: (scenario, name, file, what stands there, what stands there without the defence, tests). Tests: "unit:PREFIX" (core and io) and
"app:PREFIX" of the names of gtest cases, "scenario:EXPRESSION" for pytest -k. Write the smallest change that removes the defence and nothing else.
"""

LOOKUP = "src/core/cache/lookup.cpp"
STORE = "src/core/cache/store.cpp"
VERDICT = "src/core/upstream/verdict.cpp"
FETCH = "src/app/summary_fetch.cpp"
VISIBLE = "src/app/authorized_cache.cpp"
SHARED = "src/app/shared_cache.cpp"
RELAY = "src/app/relay.cpp"
UPSTREAM_REQUEST = "src/core/upstream/request.hpp"
SESSION = "src/io/net/session.ipp"
HEAD = "src/core/request/head.cpp"
FRAMING = "src/core/request/framing.cpp"
CONTENT = "src/core/request/content.cpp"
TARGET = "src/core/request/target.cpp"
REQUEST = "src/core/request/summary_request.cpp"

DEFENCES = [
    # --- framing and parsing -------------------------------------------------------------------------------------------
    ("1", "content is read", SESSION, "if (!head_.content_framed) return true;", "if (true) return true;", "scenario:malformed and body_on"),
    ("1", "content on a Summary is refused", REQUEST, "if (!head.content.empty()) return fault::unexpected_body;", "", "unit:summary_request.content"),
    ("2", "an upgrade opens nothing", HEAD, 'if (is("connection")) read_connection(field.value, head, seen);',
     'if (is("connection")) read_connection(field.value, head, seen), head.keep_alive = head.keep_alive && !iequals(field.value, "upgrade");',
     "scenario:upgrade"),
    ("3", "two lengths are none", FRAMING, "if (coded && seen.content_lengths > 0) return fault::ambiguous_framing;", "", "unit:head.content"),
    ("3", "no chunks in HTTP/1.0", FRAMING, "http_1_0 || seen.transfer_encodings > 1", "seen.transfer_encodings > 1", "unit:head.content"),
    ("3", "a coding is chunked or nothing", FRAMING, "if (iequals(codings, \"chunked\")) return std::nullopt;",
     "if (codings.find(\"chunked\") != codings.npos) return std::nullopt;", "unit:head.content"),
    ("3", "a length is one number", FRAMING, "seen.content_lengths == 1 && parse_decimal", "seen.content_lengths >= 1 && parse_decimal", "unit:head.content"),
    ("3", "digits only", "src/core/base/text.cpp", "if (text.empty() ||", "if (text.starts_with('+')) text.remove_prefix(1);\n  if (text.empty() ||",
     "unit:head.content"),
    ("4", "one host", FRAMING, "if (seen.hosts > 1) return fault::duplicate_host;", "", "unit:head.host"),
    ("4", "a host is needed", FRAMING, "if (!http_1_0) return fault::missing_host;", "", "unit:head.host"),
    ("4", "a host is a host", FRAMING, "if (!is_host(seen.host)) return fault::malformed_host;", "", "unit:head.host"),
    ("4", "the authority agrees with Host", FRAMING, "if (authority && !same_authority(*authority, seen.host)) return fault::host_mismatch;", "",
     "scenario:malformed and absolute"),
    ("4", "names are tokens, values are values", HEAD, "if (!is_token(field.name) || !is_field_value(field.value)) return fault::malformed_header;", "",
     "unit:head.field_lines"),
    ("4", "lines end in CRLF", HEAD, "if (newline == 0 || buffer[newline - 1] != '\\r') return refuse(fault::malformed_request_line, fault::malformed_header);",
     "", "unit:head."),
    ("4", "a target is a URI", TARGET, "if (!begins_right || !is_path_and_query(text)) return fault::malformed_target;",
     "if (!begins_right) return fault::malformed_target;", "scenario:malformed and target"),
    ("5", "chunks are read strictly", CONTENT, "!is_chunk_extension(line.substr(digits))", "false", "unit:content"),
    ("5", "data ends where its size says", CONTENT, "return line.empty();", "return true;", "unit:content"),
    ("6", "the end after something malformed", SESSION, "  exchange_->close = true;\n  service_.refuse", "  service_.refuse",
     "unit:session_"),
    ("6", "the end after content that nobody wanted", "src/core/base/fault.hpp", "return f < fault::method_not_allowed;",
     "return f < fault::malformed_request_line;", "scenario:malformed and body_on"),
    ("7", "a head has a bound", HEAD, ">= limits.max_bytes) return refuse(fault::target_too_long, fault::header_too_large);", ">= 100'000'000) return {};",
     "scenario:test_limits and too_much"),
    ("7", "a target has a bound", HEAD, "if (text.size() > limits.max_target_bytes) return fault::target_too_long;", "(void)limits;", "scenario:test_limits and too_much"),
    ("7", "fields have a bound", HEAD, "if (++fields > limits.max_fields) return fault::too_many_headers;", "++fields;", "unit:head."),
    ("8", "answers leave in batches", SESSION, "if (out_.size() >= max_batch || unwritten_.size() >= limits_.max_pipelined) return next::write_first;", "",
     "unit:session_pipeline"),
    ("9", "an identifier is 34 characters", "src/core/base/ids.hpp", "if (!std::ranges::all_of(text.substr(2), is_hex)) return std::nullopt;", "",
     "scenario:test_validation and call_sid"),
    ("9", "a state is given once", REQUEST, "if (seen || !parsed)", "if (!parsed)", "scenario:test_validation and processing_state"),
    ("9", "no parameter but one", REQUEST, 'if (pair.substr(0, equals) != "ProcessingState") return fault::unknown_parameter;',
     'if (pair.substr(0, equals) != "ProcessingState") return state;', "scenario:test_validation and parameter"),
    ("10", "Connection unnames no credential", HEAD, "    head.keep_alive = head.keep_alive || iequals(option, \"keep-alive\");",
     "    head.keep_alive = head.keep_alive || iequals(option, \"keep-alive\");\n    if (iequals(option, \"authorization\")) head.authorization = {};",
     "scenario:anonymous"),
    # --- slow, many, gone ----------------------------------------------------------------------------------------------
    ("11", "a header ends in time", SESSION, "guard_.idle ? now_ + limits_.idle_timeout : head_deadline_;", "guard_.idle ? now_ + limits_.idle_timeout : timed::never;",
     "scenario:slow_header or slow_content"),
    ("11", "idleness ends", SESSION, "guard_.idle ? now_ + limits_.idle_timeout : head_deadline_;", "guard_.idle ? timed::never : head_deadline_;",
     "scenario:test_abuse and one_request"),
    ("11", "who does not read is closed", SESSION, "guard_.deadline = std::min(mono_now() + limits_.write_timeout, write_deadline_);", "guard_.deadline = timed::never;",
     "scenario:no_reading"),
    ("11", "a handshake ends in time", SESSION, "guard_.deadline = now_ + limits_.tls_handshake_timeout;", "guard_.deadline = timed::never;",
     "scenario:half_handshakes"),
    ("11", "who is idle gives way", "src/io/net/acceptor.cpp", "book_.is_full() && at_.deadlines.make_room()", "false", "scenario:gives_way"),
    ("11", "an address has a bound", "src/io/net/connection_book.cpp", "if (count < per_address_) {", "if (true) {", "scenario:one_address"),
    ("12", "no spinning without descriptors", "src/io/net/acceptor.hpp", "      co_await pause_.async_wait(use_op);", "", "scenario:open_nothing_more"),
    ("12", "a reserve for the admin listener", "src/app/server.cpp", "rest - std::min(kept_back, rest / 2)", "rest + 1000", "scenario:out_of_descriptors"),
    ("13", "a fetch belongs to no client", "src/app/summary_service.cpp", "if (!landed) {", "if (!landed || one.from.is_local) {", "scenario:coalescing"),
    ("14", "key updates are counted", "src/io/net/tls_peer.cpp", "::shutdown(watch->descriptor_, SHUT_RDWR);", "(void)0;", "unit:session_tls"),
    ("14", "no renegotiation", "src/io/net/server_tls.cpp", "SSL_OP_NO_RENEGOTIATION | ", "SSL_OP_ALLOW_CLIENT_RENEGOTIATION | ", "scenario:renegotiation or sslscan"),
    ("14", "no exchange of 8192 bits", "src/io/net/server_tls.cpp", "  SSL_CTX_set1_groups_list(raw, groups);", "  (void)groups;", "scenario:sslscan"),
    # --- cache and tenants ---------------------------------------------------------------------------------------------
    ("15", "an entry is its owner's", "src/core/cache/key.hpp", "a.hash == b.hash && a.owner == b.owner && a.call == b.call", "a.call == b.call",
     "unit:store"),
    ("16", "a refusal puts what was before out of reach", VISIBLE, "if (mine.kept && refusals_.since(own.owner, mine.kept->stored_at)) mine.kept = nullptr;\n", "",
     "app:authorized_cache"),
    ("16", "what a refused credential had leaves memory", VISIBLE, "cache_.revoke(owner);", "cache_.erase(own, eviction::revoked);",
     "scenario:test_revoked"),
    ("16", "what was under way at the refusal is not kept", VISIBLE, "if (refusals_.since(own.owner, when.at)) return not_stored::overtaken;", "",
     "app:authorized_cache"),
    ("17", "hashes are keyed", "src/core/base/keyed_hash.cpp", "raw(bytes), bytes.size(), raw(key.data()));", "raw(bytes), bytes.size(), raw(short_hash_key{static_cast<std::byte>(key.size())}.data()));",
     "unit:keyed_hash"),
    ("17", "bytes have a bound", STORE, "  while (counts_.bytes + cost > limits_.max_bytes) drop_least_used(eviction::capacity);\n", "", "unit:store"),
    ("17", "the dead leave by themselves", STORE, "if (dropped == most) return false;", "if (dropped <= most) return true;", "unit:store"),
    ("18", "the question is made anew", FETCH, "compose_request(upstream_.host_field(), what.request.call, what.request.state, authorization.reveal());",
     "compose_request(\"evil.example\", what.request.call, what.request.state, authorization.reveal());", "scenario:upstream_is_asked_with"),
    ("19", "what was fetched before a purge does not come back", SHARED,
     "if (generation_.load(std::memory_order_acquire) + changes != generation) return not_stored::overtaken;", "(void)generation;", "scenario:test_purge"),
    ("19", "who asks after a purge boards no flight from before it", "src/io/upstream/flight.hpp",
     "friend bool operator==(const flight_key&, const flight_key&) = default;",
     "friend bool operator==(const flight_key& a, const flight_key& b) { return a.what == b.what && a.state == b.state; }", "scenario:test_purge"),
    ("19", "what was written shows in the next read", RELAY, "if (may_have_changed) shared_.cache.note_change(*asked.call);", "",
     "scenario:test_annotation"),
    ("19", "a summary fetched before a write is old", SHARED, "found.purged || found.changes != changes_.of(key.call);", "found.purged;",
     "scenario:test_annotation"),
    ("19", "nor does it come back", SHARED, "generation_.load(std::memory_order_acquire) + changes != generation", "false", "scenario:test_annotation"),
    ("26", "a write is not risked on an idle connection", UPSTREAM_REQUEST, "return twice == repetition::safe && attempt == 1;", "return attempt == 1;",
     "unit:upstream_test"),
    ("26", "a write is sent once", UPSTREAM_REQUEST, "return reused && attempt == 1 && !answer_begun;", "return attempt == 1 && !answer_begun;",
     "scenario:test_a_write_of_which"),
    ("26", "a write of unclear end is told as such", RELAY, "made.detail.may_have_applied = made.failed && may_have_changed;", "", "scenario:test_a_write_of_which"),
    ("1", "a form is no request", SESSION, "in_.consume(one.reader.take(in_.view()));", "one.reader.take(in_.view());", "scenario:hidden_in_a_form"),
    ("15", "an annotation is of its call", VERDICT, "if (whose == identity::wrong_call) return broken(fault::upstream_wrong_call);", "", "scenario:test_a_write_of_which"),
    ("15", "nobody writes without a credential", RELAY, "if (desk_.admit(head, one, out) == nullptr) return std::nullopt;", "", "scenario:test_annotation or test_passthrough"),
    ("15", "a page of another site does not write", RELAY, "request->changes() && !may_change(head, shared_.config.cors)", "false", "scenario:another_site"),
    ("19", "what is purged is asked for first", LOOKUP, "if (found.purged) return {lookup::purged, judged};", "", "scenario:test_purge_soft"),
    ("29", "another call's body is not believed", VERDICT, "if (facts.is == identity::wrong_call) return", "if (false) return",
     "scenario:no_wrong_byte"),
    ("29", "a key that decides stands once", VERDICT, "if (facts.ambiguous) return not_stored::ambiguous;", "", "unit:verdict"),
    ("29", "a call never changes its account", FETCH, "if (contradicts(meaning, shared_.visible.peek(what.key)))", "if (meaning.code < 0)",
     "scenario:changes_its_account"),
    ("29", "depth has a bound", "src/core/upstream/twilio_body.cpp", "constexpr std::size_t max_depth = 64;", "constexpr std::size_t max_depth = 1'000'000;",
     "unit:twilio_body"),
    # --- operator ------------------------------------------------------------------------------------------------------
    ("33", "no credential in the log", "src/app/front_desk.cpp", "  one.record.request_id = context.request_id;\n  context.status.detail",
     "  one.record.request_id = std::string{context.request_id} + (head != nullptr ? std::string{head->authorization} : \"\");\n  context.status.detail",
     "scenario:test_secrets"),
    ("34", "statuses share their series", "src/core/telemetry/prometheus.cpp", 'f.sample(label("outcome", name_of(static_cast<outcome>(o))) + "," + label("status", status), count);',
     'for (std::uint64_t n = 0; n < count; ++n) f.sample(label("outcome", name_of(static_cast<outcome>(o))) + "," + label("status", status + std::to_string(n)), count);',
     "scenario:odd_methods"),
    ("35", "what a client says is escaped", "src/core/reply/reply.cpp", "return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, is_plain);",
     "return !id.empty() && id.size() <= 128 && (std::ranges::all_of(id, is_plain) || true);", "unit:reply.request_ids"),
    ("35", "what upstream says is a field or nothing", "src/core/upstream/verdict.cpp", "return is_framed(answer) &&", "return is_framed(answer) ||",
     "unit:verdict"),
]
