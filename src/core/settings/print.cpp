#include <algorithm>

#include "core/base/text.hpp"
#include "core/settings/load.hpp"
#include "core/settings/settings_table.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

// Visits the settings table and writes YAML.
class yaml_printer {
public:
  explicit yaml_printer(bool commented) : commented_(commented) {}

  template <class Body>
  void section(std::string_view key, std::string_view prose, Body&& body) {
    write(key, "", prose);
    indent_ += "  ";
    body();
    indent_.resize(indent_.size() - 2);
  }
  template <class Value>
  void count(std::string_view key, Value value, std::uint64_t, std::uint64_t, std::string_view prose) {
    write(key, std::to_string(value), prose);
  }
  void count_or_auto(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view prose) {
    write(key, value == 0 ? "auto" : std::to_string(value), prose);
  }
  void span(std::string_view key, gateway::span value, gateway::span, gateway::span, std::string_view prose) {
    write(key, duration_text(value), prose);
  }
  void bytes(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view prose) {
    write(key, size_text(value), prose);
  }
  void bytes_or_auto(std::string_view key, std::uint64_t value, std::uint64_t, std::uint64_t, std::string_view prose) {
    write(key, value == 0 ? "auto" : size_text(value), prose);
  }
  void spans(std::string_view key, const std::vector<gateway::span>& value, gateway::span, gateway::span, std::string_view prose) {
    write(key, quoted(texts_of(value, duration_text)), prose);
  }
  void sizes(std::string_view key, const std::vector<std::uint64_t>& value, std::uint64_t, std::uint64_t, std::string_view prose) {
    write(key, quoted(texts_of(value, size_text)), prose);
  }
  void text(std::string_view key, const std::string& value, std::string_view prose) {
    if (in_row_ && !is_whole_ && value.empty()) return;
    write(key, quoted(value), prose);
  }
  void texts(std::string_view key, const std::vector<std::string>& value, std::string_view prose) {
    if (in_row_ && !is_whole_ && value.empty()) return;
    write(key, quoted(value), prose);
  }
  void flag(std::string_view key, bool value, std::string_view prose) { write(key, value ? "true" : "false", prose); }
  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum value, const std::array<std::string_view, N>& names, std::string_view prose) {
    write(key, names[static_cast<std::size_t>(value)], prose);
  }
  template <std::size_t N>
  void choices(std::string_view key, const std::array<bool, N>& value, const std::array<std::string_view, N>& names,
               std::string_view prose) {
    write(key, quoted(chosen(value, names)), prose);
  }
  void states(std::string_view key, const bool (&value)[processing_state_count], std::string_view prose) {
    write(key, quoted(chosen(value)), prose);
  }
  void listeners(std::string_view key, const std::vector<listener_settings>& value, std::string_view prose) {
    write(key, "", prose);
    for (auto const& one : value) {
      out_.append("  - address: ").append(quoted(one.address)).append("\n");
      if (!one.mode.empty()) out_.append("    mode: ").append(quoted(one.mode)).append("\n");
      if (!one.owner.empty()) out_.append("    owner: ").append(quoted(one.owner)).append("\n");
      if (!one.proxy_headers_from.empty())
        out_.append("    proxy_protocol: { from: ").append(quoted(one.proxy_headers_from)).append(" }\n");
      if (!one.trusted_proxies.empty()) out_.append("    trusted_proxies: ").append(quoted(one.trusted_proxies)).append("\n");
      if (!one.public_url.empty()) out_.append("    public_url: ").append(quoted(one.public_url)).append("\n");
      if (!one.upstream.empty()) out_.append("    upstream: ").append(quoted(one.upstream)).append("\n");
      if (!one.tls) continue;
      out_.append("    tls: { certificate: ").append(quoted(one.tls->certificate)).append(", key: ").append(quoted(one.tls->key));
      if (!one.tls->client_ca.empty()) out_.append(", client_ca: ").append(quoted(one.tls->client_ca));
      if (one.tls->ticket_lifetime != tls_settings{}.ticket_lifetime)
        out_.append(", ticket_lifetime: ").append(duration_text(one.tls->ticket_lifetime));
      out_ += " }\n";
    }
  }

  template <class Body>
  void group(std::string_view key, bool is_set, Body&& body) {
    if (is_set) section(key, "", body);
  }

  template <class Row, class Visit>
  void list(std::string_view key, std::vector<Row>& rows, std::string_view prose, Visit&& visit) {
    write(key, rows.empty() ? "[]" : "", prose);
    auto const outer = indent_;
    in_row_ = true;
    for (auto& one : rows) {
      auto const start = out_.size();
      indent_ = outer + "    ";
      visit(*this, one);
      if (out_.size() == start) out_ += indent_ + "{}\n";  // no setting in it is set
      out_.replace(start, indent_.size(), outer + "  - ");
    }
    in_row_ = false;
    indent_ = outer;
  }
  template <class Row, class Visit>
  void list_like(std::string_view key, std::vector<Row>& rows, const Row&, std::string_view prose, Visit&& visit) {
    is_whole_ = true;
    list(key, rows, prose, visit);
    is_whole_ = false;
  }

  std::string take() { return std::move(out_); }

private:
  // A value is quoted only where YAML would otherwise read it as something else.
  static std::string quoted(std::string_view text) {
    bool const plain = !text.empty() && text.front() != '-' && !iequals(text, "null") && std::ranges::all_of(text, [](char c) {
      return is_alnum(c) || std::string_view{"/._-"}.find(c) != std::string_view::npos;
    });
    if (plain) return std::string{text};
    std::string out = "\"";
    append_json_escaped(out, text);
    return out + "\"";
  }

  template <class Text>
  static std::string quoted(const std::vector<Text>& texts) {
    std::string list;
    for (auto const& one : texts) list.append(list.empty() ? "" : ", ").append(quoted(one));
    return "[" + list + "]";
  }

  // Breaks lines between words, so that an editor shows them whole.
  void comment(std::string_view prose) {
    constexpr std::size_t widest = 110;
    while (!prose.empty()) {
      auto const end = prose.size() <= widest ? prose.size() : prose.rfind(' ', widest);
      out_.append(indent_).append("# ").append(prose.substr(0, end)).append("\n");
      prose.remove_prefix(std::min(end + 1, prose.size()));
    }
  }

  void write(std::string_view key, std::string_view value, std::string_view prose) {
    if (commented_ && !in_row_) comment(prose);
    out_.append(indent_).append(key).append(":");
    if (!value.empty()) out_.append(" ").append(value);
    out_ += '\n';
  }

  bool commented_;
  bool in_row_ = false;    // in a row of a list: unset settings are left out, and the list's own sentence explains all
  bool is_whole_ = false;  // the row is written whole: what it leaves out would be another one's value
  std::string indent_;
  std::string out_;
};

// Where the package puts what core/settings/schema makes.
constexpr std::string_view for_editors = "# yaml-language-server: $schema=/usr/share/summary-gateway/gateway.schema.json\n";

}  // namespace

std::string print_settings(const settings& values, bool commented) {
  yaml_printer printer{commented};
  auto copy = values;
  visit_settings(printer, copy);
  return std::string{commented ? for_editors : ""} + printer.take();
}

std::string explain_reading(const settings& values) {
  constexpr std::size_t most_named = 8;
  std::string names;
  std::size_t count = 0;
  for (auto const& one : values.credentials.clients) {
    if (one.may != reading_rights() || ++count > most_named) continue;
    names.append(names.empty() ? "" : ", ").append(one.name);
  }
  if (count == 0) return {};
  if (count > most_named) names.append(" and ").append(std::to_string(count - most_named)).append(" more");
  return "clients that only read, by the default of may: " + names + "; annotation.write in its may lets a client write annotations";
}

std::vector<std::string> explain_auto(const settings& values) {
  std::vector<std::string> all;
  auto const& here = values.machine;
  if (values.workers == 0) {
    auto text = "workers: auto is " + std::to_string(values.worker_count()) + " here, of " + std::to_string(here.cores) + " core(s)";
    if (here.cpu_quota) {
      auto const hundredths = static_cast<std::uint64_t>(*here.cpu_quota * 100);
      text += " and a CPU quota of " + std::to_string(hundredths / 100) + "." + std::to_string(hundredths / 10 % 10) +
              std::to_string(hundredths % 10);
    }
    all.push_back(std::move(text));
  }
  if (values.cache.max_bytes == 0) {
    all.push_back("cache.max_bytes: auto is " + size_text(values.cache_bytes()) + " here, of " +
                  std::to_string(memory_for(here) / (1024 * 1024)) + " MiB of memory, with " +
                  std::to_string(values.limits.max_connections) + " connections");
  }
  return all;
}

}  // namespace gateway
