#include "core/base/json_reader.hpp"

#include <simdjson.h>

#include <bit>

namespace gateway {
namespace {

namespace dom = simdjson::dom;

// Twilio's bodies are a few levels deep; the limit bounds the cost of a hostile body.
constexpr std::size_t max_depth = 64;  // defence: json-depth

// Newer releases of simdjson skip it, older ones refuse it. It is refused here: JSON must not be sent with it (RFC 8259 §8.1).
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

// A value is a place in the parser's document; the header cannot name the library's type for it.
struct json_value::access {
  static json_value wrap(const dom::element& from) {
    static_assert(sizeof(dom::element) == sizeof(json_value::place_) && std::is_trivially_copyable_v<dom::element>);
    json_value made;
    made.place_ = std::bit_cast<decltype(made.place_)>(from);
    return made;
  }
  static dom::element unwrap(const json_value& from) { return std::bit_cast<dom::element>(from.place_); }
};

std::optional<std::string_view> json_value::text() const {
  std::string_view found;
  return access::unwrap(*this).get(found) == simdjson::SUCCESS ? std::optional{found} : std::nullopt;
}

std::optional<std::int64_t> json_value::whole_number() const {
  std::int64_t found = 0;
  return access::unwrap(*this).get(found) == simdjson::SUCCESS ? std::optional{found} : std::nullopt;
}

bool json_value::is_null() const { return access::unwrap(*this).is_null(); }

std::string json_value::json() const { return simdjson::minify(access::unwrap(*this)); }

bool json_value::each_member(const std::function<void(std::string_view, json_value)>& see) const {
  dom::object found;
  if (access::unwrap(*this).get(found) != simdjson::SUCCESS) return false;
  for (auto const& [key, value] : found) see(key, access::wrap(value));
  return true;
}

bool json_value::each_item(const std::function<void(json_value)>& see) const {
  dom::array found;
  if (access::unwrap(*this).get(found) != simdjson::SUCCESS) return false;
  for (auto const& value : found) see(access::wrap(value));
  return true;
}

struct json_reader::parser {
  dom::parser json;
  std::size_t capacity = 0;
};

json_reader::json_reader() : parser_(std::make_unique<parser>()) {}
json_reader::~json_reader() = default;
json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;

void json_reader::forget() { *parser_ = parser(); }

std::optional<json_value> json_reader::parse(std::string_view text) {
  if (text.starts_with(byte_order_mark)) return std::nullopt;
  auto& p = *parser_;
  if (text.size() > p.capacity) {
    if (p.json.allocate(text.size(), max_depth) != simdjson::SUCCESS) return std::nullopt;
    p.capacity = text.size();
  }
  dom::element root;
  if (p.json.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  return json_value::access::wrap(root);
}

}  // namespace gateway
