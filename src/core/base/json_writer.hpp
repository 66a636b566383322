// Writes the gateway's own JSON: objects and lists go straight into a text, in the order of the calls.
// Thread rule: values. Member names are ours and need no escaping; texts are escaped.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

// The object ends with its scope; only one object at a time may be written to.
class json_object {
public:
  explicit json_object(std::string& out) : out_(out) { out_ += '{'; }
  json_object(const json_object&) = delete;
  json_object& operator=(const json_object&) = delete;
  ~json_object() { out_ += '}'; }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    out_ += '"';
    append_json_escaped(out_, value);
    out_ += '"';
  }
  void number(std::string_view name, std::integral auto value) {
    begin(name);
    append_number(out_, value);
  }
  void flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
  }
  // The caller writes the value: another object, or a list.
  void begin(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":");
  }

private:
  std::string& out_;
  bool first_ = true;
};

// Calls write(item) for each item.
template <class Items, class Write>
void json_list(std::string& out, const Items& items, Write&& write) {
  out += '[';
  bool first = true;
  for (auto const& item : items) {
    if (!first) out += ',';
    first = false;
    write(item);
  }
  out += ']';
}

}  // namespace gateway
