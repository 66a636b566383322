#include "core/upstream/twilio_body.hpp"

#include <simdjson.h>

#include <limits>

namespace gateway {
namespace {

// Twilio's bodies are a few levels deep; the limit bounds the cost of a hostile body.
constexpr std::size_t max_depth = 64;  // defence: json-depth

// Newer releases of simdjson skip it, older ones refuse it. It is refused here: JSON must not be sent with it (RFC 8259 §8.1).
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

using summary_state = summary_facts::summary_state;

summary_state state_named(std::string_view word) {
  if (word == "complete") return summary_state::complete;
  return word == "partial" ? summary_state::partial : summary_state::other;
}

std::string_view text_of(const simdjson::dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

}  // namespace

struct body_reader::parser {
  simdjson::dom::parser json;
  std::size_t capacity = 0;

  // Null unless the whole body is one valid JSON object.
  std::optional<simdjson::dom::object> object(std::string_view body) {
    if (body.starts_with(byte_order_mark)) return std::nullopt;
    if (body.size() > capacity) {
      if (json.allocate(body.size(), max_depth) != simdjson::SUCCESS) return std::nullopt;
      capacity = body.size();
    }
    simdjson::dom::element root;
    simdjson::dom::object found;
    if (json.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS || root.get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }
};

body_reader::body_reader() : parser_(std::make_unique<parser>()) {}
body_reader::~body_reader() = default;

void body_reader::forget() { *parser_ = parser(); }

summary_facts body_reader::read_summary(std::string_view body, const call_sid& asked) {
  summary_facts facts;
  auto const object = parser_->object(body);
  if (!object) return facts;
  int identities = 0;
  int states = 0;
  int ends = 0;
  int accounts = 0;
  bool right = true;
  for (auto const& [key, value] : *object) {
    if (key == "call_sid") {
      ++identities;
      right = right && text_of(value) == asked.view();
    } else if (key == "processing_state") {
      ++states;
      facts.state = state_named(text_of(value));
    } else if (key == "end_time") {
      ++ends;
      facts.end_time = parse_rfc3339(text_of(value));
      facts.ambiguous = facts.ambiguous || (!facts.end_time && !value.is_null());
    } else if (key == "account_sid") {
      ++accounts;
      facts.account = account_sid::parse(text_of(value));
      facts.malformed_account = facts.malformed_account || (!facts.account && !value.is_null());
    }
  }
  facts.is = identities > 0 && right ? summary_facts::identity::right_call : summary_facts::identity::wrong_call;
  facts.ambiguous = facts.ambiguous || identities > 1 || states > 1 || ends > 1 || accounts > 1;
  if (accounts > 1) facts.account.reset();
  return facts;
}

std::optional<int> body_reader::read_error_code(std::string_view body) {
  auto const object = parser_->object(body);
  if (!object) return std::nullopt;
  std::int64_t code = 0;
  if (object->at_key("code").get(code) != simdjson::SUCCESS) return std::nullopt;
  if (code < 0 || code > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(code);
}

}  // namespace gateway
