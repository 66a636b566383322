#include <memory>
#include <utility>

#include "core/base/json_writer.hpp"
#include "core/settings/load.hpp"
#include "core/settings/settings_table.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

// Visits the settings table and writes JSON: one object a section, durations and sizes as they stand in the file.
class json_printer {
public:
  explicit json_printer(std::string& out) : out_(out), object_(std::make_unique<json_object>(out)) {}

  template <class Body>
  void section(std::string_view key, std::string_view, Body&& body) {
    nested(key, [&] { body(); });
  }
  template <class Value>
  void count(std::string_view key, Value value, std::uint64_t, std::uint64_t, std::string_view) {
    object_->number(key, value);
  }
  void count_or_auto(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view) {
    if (value == 0) return object_->text(key, "auto");
    object_->number(key, value);
  }
  void span(std::string_view key, gateway::span value, gateway::span, gateway::span, std::string_view) {
    object_->text(key, duration_text(value));
  }
  void bytes(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view) {
    object_->text(key, size_text(value));
  }
  void bytes_or_auto(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view) {
    object_->text(key, value == 0 ? "auto" : size_text(value));
  }
  void spans(std::string_view key, const std::vector<gateway::span>& value, gateway::span, gateway::span, std::string_view) {
    list_of(key, texts_of(value, duration_text));
  }
  void sizes(std::string_view key, const std::vector<std::uint64_t>& value, std::uint64_t, std::uint64_t, std::string_view) {
    list_of(key, texts_of(value, size_text));
  }
  void text(std::string_view key, const std::string& value, std::string_view) {
    if (in_row_ && !is_whole_ && value.empty()) return;
    object_->text(key, value);
  }
  void texts(std::string_view key, const std::vector<std::string>& value, std::string_view) {
    if (in_row_ && !is_whole_ && value.empty()) return;
    list_of(key, value);
  }
  void flag(std::string_view key, bool value, std::string_view) { object_->flag(key, value); }
  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum value, const std::array<std::string_view, N>& names, std::string_view) {
    object_->text(key, names[static_cast<std::size_t>(value)]);
  }
  template <std::size_t N>
  void choices(std::string_view key, const std::array<bool, N>& value, const std::array<std::string_view, N>& names, std::string_view) {
    list_of(key, chosen(value, names));
  }
  void states(std::string_view key, const bool (&value)[processing_state_count], std::string_view) { list_of(key, chosen(value)); }
  void listeners(std::string_view key, const std::vector<listener_settings>& value, std::string_view) {
    object_->begin(key);
    json_list(out_, value, [&](const listener_settings& one) {
      json_printer row{out_};
      row.in_row_ = true;
      row.text("address", one.address, "");
      row.text("mode", one.mode, "");
      row.text("owner", one.owner, "");
      row.text("public_url", one.public_url, "");
      row.text("upstream", one.upstream, "");
      if (!one.proxy_headers_from.empty()) row.nested("proxy_protocol", [&] { row.texts("from", one.proxy_headers_from, ""); });
      if (!one.trusted_proxies.empty()) row.texts("trusted_proxies", one.trusted_proxies, "");
      if (!one.tls) return;
      row.nested("tls", [&] {
        row.text("certificate", one.tls->certificate, "");
        row.text("key", one.tls->key, "");
        row.text("client_ca", one.tls->client_ca, "");
        row.span("ticket_lifetime", one.tls->ticket_lifetime, {}, {}, "");
      });
    });
  }
  template <class Body>
  void group(std::string_view key, bool is_set, Body&& body) {
    if (is_set) nested(key, body);
  }
  template <class Row, class Visit>
  void list(std::string_view key, std::vector<Row>& rows, std::string_view, Visit&& visit) {
    rows_of(key, rows, false, visit);
  }
  template <class Row, class Visit>
  void list_like(std::string_view key, std::vector<Row>& rows, const Row&, std::string_view, Visit&& visit) {
    rows_of(key, rows, true, visit);
  }

private:
  template <class Row, class Visit>
  void rows_of(std::string_view key, const std::vector<Row>& rows, bool is_whole, Visit&& visit) {
    object_->begin(key);
    json_list(out_, rows, [&](const Row& row_values) {
      auto one = row_values;  // the table shows it as a place to fill
      json_printer row{out_};
      row.in_row_ = true;
      row.is_whole_ = is_whole;
      visit(row, one);
    });
  }
  template <class Texts>
  void list_of(std::string_view key, const Texts& texts) {
    object_->begin(key);
    json_list(out_, texts, [&](std::string_view one) { append_json_escaped(out_ += '"', one), out_ += '"'; });
  }
  template <class Body>
  void nested(std::string_view key, Body&& body) {
    object_->begin(key);
    auto outer = std::exchange(object_, std::make_unique<json_object>(out_));
    body();
    object_ = std::move(outer);  // ends the inner one
  }

  std::string& out_;
  std::unique_ptr<json_object> object_;  // of this section
  bool in_row_ = false;                  // in a row of a list: unset texts are left out
  bool is_whole_ = false;                // but not in this one
};

}  // namespace

std::string settings_json(const settings& values) {
  std::string out;
  auto copy = values;
  {
    json_printer printer{out};
    visit_settings(printer, copy);
  }
  return out;
}

}  // namespace gateway
