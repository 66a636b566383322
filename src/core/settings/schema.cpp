#include "core/settings/schema.hpp"

#include <memory>
#include <vector>

#include "core/base/json_writer.hpp"
#include "core/settings/settings_table.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

constexpr std::string_view duration_form = "^([0-9]+(d|h|m|s|ms|us))+$";
constexpr std::string_view size_form = "^[0-9]+(GiB|MiB|KiB|GB|MB|kB|KB|B)$";

// Visits the settings table and writes what each setting takes, in the words of JSON Schema. One object is a map of the settings file.
class schema_writer {
public:
  // `key`: of the map's parent.
  explicit schema_writer(std::string& out) : out_(out), properties_(std::make_unique<json_object>(out)) {}

  template <class Body>
  void section(std::string_view key, std::string_view prose, Body&& body) {
    describe(key, prose, [&](json_object& one) {
      one.begin("type");
      out_ += R"(["object","null"])";
      map_of(one, [&](schema_writer& inner) {
        std::swap(properties_, inner.properties_);
        body();
        std::swap(properties_, inner.properties_);
      });
    });
  }
  template <class Body>
  void group(std::string_view key, bool, Body&& body) {
    section(key, "", std::forward<Body>(body));
  }
  template <class Value>
  void count(std::string_view key, Value, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    describe(key, prose, [&](json_object& one) { number(one, low, high); });
  }
  void count_or_auto(std::string_view key, std::uint64_t, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    or_auto(key, prose, [&](json_object& one) { number(one, low, high); });
  }
  void span(std::string_view key, gateway::span, gateway::span low, gateway::span high, std::string_view prose) {
    describe(key, within(prose, duration_text(low), duration_text(high)), [&](json_object& one) { form(one, duration_form); });
  }
  void bytes(std::string_view key, std::uint64_t, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    describe(key, within(prose, size_text(low), size_text(high)), [&](json_object& one) { form(one, size_form); });
  }
  void bytes_or_auto(std::string_view key, std::uint64_t, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    or_auto(key, within(prose, size_text(low), size_text(high)), [&](json_object& one) { form(one, size_form); });
  }
  void spans(std::string_view key, const std::vector<gateway::span>&, gateway::span low, gateway::span high, std::string_view prose) {
    list_of(key, within(prose, duration_text(low), duration_text(high)), [](json_object& one) { form(one, duration_form); });
  }
  void sizes(std::string_view key, const std::vector<std::uint64_t>&, std::uint64_t low, std::uint64_t high, std::string_view prose) {
    list_of(key, within(prose, size_text(low), size_text(high)), [](json_object& one) { form(one, size_form); });
  }
  // YAML takes a word of digits as a number, and the gateway takes it as text.
  void text(std::string_view key, const std::string&, std::string_view prose) {
    describe(key, prose, [&](json_object& one) {
      one.begin("type");
      out_ += R"(["string","number"])";
    });
  }
  void texts(std::string_view key, const std::vector<std::string>&, std::string_view prose) {
    list_of(key, prose, [](json_object& one) { one.text("type", "string"); });
  }
  void flag(std::string_view key, bool, std::string_view prose) {
    describe(key, prose, [](json_object& one) { one.text("type", "boolean"); });
  }
  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum, const std::array<std::string_view, N>& names, std::string_view prose) {
    describe(key, prose, [&](json_object& one) { any_of(one, names); });
  }
  template <std::size_t N>
  void choices(std::string_view key, const std::array<bool, N>&, const std::array<std::string_view, N>& names, std::string_view prose) {
    list_of(key, prose, [&](json_object& one) { any_of(one, names); });
  }
  void states(std::string_view key, const bool (&)[processing_state_count], std::string_view prose) {
    list_of(key, prose, [&](json_object& one) { any_of(one, std::array<std::string_view, 3>{"absent", "complete", "all"}); });
  }
  void listeners(std::string_view key, const std::vector<listener_settings>&, std::string_view prose) {
    listener_settings blank;
    list_of(key, prose, [&](json_object& one) {
      one.begin("required");
      out_ += R"(["address"])";
      map_of(one, [&](schema_writer& inner) { visit_listener(inner, blank); });
    });
  }
  template <class Row, class Visit>
  void list(std::string_view key, std::vector<Row>&, std::string_view prose, Visit&& visit) {
    list_of(key, prose, [&](json_object& one) {
      map_of(one, [&](schema_writer& inner) {
        Row blank;
        visit(inner, blank);
      });
    });
  }
  template <class Row, class Visit>
  void list_like(std::string_view key, std::vector<Row>& rows, const Row&, std::string_view prose, Visit&& visit) {
    list(key, rows, prose, std::forward<Visit>(visit));
  }

  // What a map may hold. Keys that begin with x- are room for what merge keys repeat.
  template <class Fill>
  static void map_of(std::string& out, json_object& one, Fill&& fill) {
    one.flag("additionalProperties", false);
    one.begin("patternProperties");
    out += R"({"^x-":{}})";
    one.begin("properties");
    schema_writer inner{out};
    fill(inner);
  }

private:
  template <class Fill>
  void map_of(json_object& one, Fill&& fill) {
    map_of(out_, one, std::forward<Fill>(fill));
  }
  template <class Write>
  void describe(std::string_view key, std::string_view prose, Write&& write) {
    properties_->begin(key);
    json_object one{out_};
    if (!prose.empty()) one.text("description", prose);
    write(one);
  }
  template <class Write>
  void or_auto(std::string_view key, std::string_view prose, Write&& write) {
    describe(key, prose, [&](json_object& one) {
      one.begin("anyOf");
      out_ += R"([{"const":"auto"},)";
      {
        json_object other{out_};
        write(other);
      }
      out_ += ']';
    });
  }
  template <class Write>
  void list_of(std::string_view key, std::string_view prose, Write&& write_item) {
    describe(key, prose, [&](json_object& one) {
      one.text("type", "array");
      one.begin("items");
      json_object item{out_};
      write_item(item);
    });
  }
  static void number(json_object& one, std::uint64_t low, std::uint64_t high) {
    one.text("type", "integer");
    one.number("minimum", low);
    one.number("maximum", high);
  }
  static void form(json_object& one, std::string_view pattern) {
    one.text("type", "string");
    one.text("pattern", pattern);
  }
  template <class Names>
  void any_of(json_object& one, const Names& names) {
    one.begin("enum");
    json_list(out_, names, [&](std::string_view name) { out_.append("\"").append(name).append("\""); });
  }
  static std::string within(std::string_view prose, const std::string& low, const std::string& high) {
    return std::string{prose} + (prose.empty() ? "" : " ") + "From " + low + " to " + high + ".";
  }

  std::string& out_;
  std::unique_ptr<json_object> properties_;
};

}  // namespace

std::string settings_schema() {
  std::string out;
  {
    json_object root{out};
    root.text("$schema", "http://json-schema.org/draft-07/schema#");
    root.text("title", "gateway.yaml: settings of summary-gateway");
    root.begin("type");
    out += R"(["object","null"])";
    settings defaults;
    schema_writer::map_of(out, root, [&](schema_writer& top) { visit_settings(top, defaults); });
  }
  return out += '\n';
}

}  // namespace gateway
