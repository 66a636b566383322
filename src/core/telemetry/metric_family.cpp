#include "core/telemetry/metric_family.hpp"

#include <array>
#include <cstdio>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// Appends the shortest text that reads back as the same number.
void append_double(std::string& out, double value) {
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

std::string upper_bound(std::size_t bucket) {
  if (bucket == duration_bounds.size()) return "+Inf";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", static_cast<double>(duration_bounds[bucket]) / 1e9);
  return text.data();
}

}  // namespace

void metric_family::begin(std::string_view suffix, std::string_view labels) {
  out_.append(name_).append(suffix);
  if (!labels.empty()) out_.append("{").append(labels).append("}");
  out_ += ' ';
}

void metric_family::sample(std::string_view labels, std::uint64_t value) {
  begin("", labels);
  append_number(out_, value);
  out_ += '\n';
}

void metric_family::sample(std::string_view labels, double value) {
  begin("", labels);
  append_double(out_, value);
  out_ += '\n';
}

void metric_family::example(std::size_t bucket, std::span<const exemplar> from) {
  const exemplar* newest = nullptr;
  for (auto const& one : from) {
    if (duration_bucket(one.took) == bucket && (newest == nullptr || newest->at < one.at)) newest = &one;
  }
  if (newest == nullptr) return;
  out_.append(" # {").append(label("trace_id", newest->trace.view())).append(",").append(label("request_id", newest->request.view()));
  out_ += "} ";
  append_double(out_, std::chrono::duration<double>(newest->took).count());
  out_ += ' ';
  append_double(out_, std::chrono::duration<double>(newest->at.time_since_epoch()).count());
}

void metric_family::histogram(std::string_view labels, const histogram_of<std::uint64_t>& h, std::span<const exemplar> examples) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < h.buckets.size(); ++i) {
    below += h.buckets[i];
    begin("_bucket", std::string{labels} + "," + label("le", upper_bound(i)));
    append_number(out_, below);
    if (exemplars_) example(i, examples);
    out_ += '\n';
  }
  begin("_sum", labels);
  append_double(out_, static_cast<double>(h.sum_ns) / 1e9);
  out_ += '\n';
  begin("_count", labels);
  append_number(out_, below);
  out_ += '\n';
}

std::string label(std::string_view name, std::string_view value) {
  std::string text{name};
  text += "=\"";
  for_each_character(value, [&](std::string_view c) {  // exposition format: backslash, quote and newline are escaped
    if (c == "\\" || c == "\"") text += '\\';
    text += c == "\n" ? " " : c;
  });
  return text += '"';
}

}  // namespace gateway
