#include "core/cache/erasure_log.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/json_reader.hpp"
#include "core/base/json_writer.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 3> copy_names{"none", "pending", "gone"};
constexpr std::array<std::string_view, 3> state_names{"running", "complete", "incomplete"};
constexpr std::size_t hash_digits = 32;
constexpr std::size_t longest_gateway = 64;

template <class Enum>
std::optional<Enum> named(const std::array<std::string_view, 3>& names, const json_value& value) {
  auto const* const found = std::ranges::find(names, value.text().value_or(""));
  return found == names.end() ? std::nullopt : std::optional{static_cast<Enum>(found - names.begin())};
}

bool is_hash(std::string_view text) { return text.size() == hash_digits && std::ranges::all_of(text, is_hex); }

void add_gateways(json_object& to, std::string& out, std::string_view name, const std::vector<std::string>& all) {
  to.begin(name);
  json_list(out, all, [&](const std::string& one) { out.append("\"").append(one).append("\""); });
}

std::optional<std::vector<std::string>> gateways_in(const json_value& value) {
  std::vector<std::string> all;
  bool is_right = value.each_item([&](const json_value& item) {
    auto const name = item.text().value_or("");
    if (!name.empty() && name.size() <= longest_gateway && std::ranges::all_of(name, is_alnum)) all.emplace_back(name);
  });
  if (!is_right || all.size() > erasure_log::most_gateways) return std::nullopt;
  return all;
}

std::optional<erasure_record> record_in(std::string_view line, json_reader& reader) {
  auto const whole = reader.parse(line);
  if (!whole) return std::nullopt;
  erasure_record made;
  int good = 0;
  auto const count = [&](const json_value& value, std::uint64_t& to) {
    auto const number = value.whole_number();
    good += number && *number >= 0 ? 1 : 0;
    to = static_cast<std::uint64_t>(number.value_or(0));
  };
  auto const set = [&](auto value, auto& to) {
    good += value ? 1 : 0;
    if (value) to = *std::move(value);
  };
  whole->each_member([&](std::string_view name, json_value value) {
    if (name == "erasure") count(value, made.number);
    if (name == "hash") {
      made.hash = value.text().value_or("");
      good += is_hash(made.hash) ? 1 : 0;
    }
    if (name == "at") set(parse_rfc3339(value.text().value_or("")), made.at);
    if (name == "state") set(named<erasure_record::state>(state_names, value), made.is);
    if (name == "memory") count(value, made.memory);
    if (name == "under_way") count(value, made.under_way);
    if (name == "snapshot") set(named<erasure_record::copy>(copy_names, value), made.snapshot);
    if (name == "tier") set(named<erasure_record::copy>(copy_names, value), made.tier);
    if (name == "others") count(value, made.others);
    if (name == "confirmed") set(gateways_in(value), made.confirmed);
    if (name == "unconfirmed") set(gateways_in(value), made.unconfirmed);
  });
  constexpr int members = 11;
  if (good != members || made.number == 0) return std::nullopt;
  if (made.is == erasure_record::state::running) made.is = erasure_record::state::incomplete;
  made.is_walked = true;  // no memory of that process is left
  return made;
}

}  // namespace

bool erasure_record::confirm(std::string_view gateway, std::uint64_t taken) {
  auto const waited = std::ranges::find(unconfirmed, gateway);
  if (waited == unconfirmed.end()) return false;
  confirmed.push_back(std::move(*waited));
  unconfirmed.erase(waited);
  others += taken;
  return true;
}

std::string json_of(const erasure_record& one) {
  std::string out;
  {
    json_object made{out};
    made.number("erasure", one.number);
    made.text("hash", one.hash);
    made.text("at", rfc3339_of(one.at));
    made.text("state", state_names[static_cast<std::size_t>(one.is)]);
    made.number("memory", one.memory);
    made.number("under_way", one.under_way);
    made.text("snapshot", copy_names[static_cast<std::size_t>(one.snapshot)]);
    made.text("tier", copy_names[static_cast<std::size_t>(one.tier)]);
    made.number("others", one.others);
    add_gateways(made, out, "confirmed", one.confirmed);
    add_gateways(made, out, "unconfirmed", one.unconfirmed);
  }
  return out;
}

erasure_record& erasure_log::begin(std::string hash, wall_time at) {
  if (all_.size() == most) all_.pop_back();  // defence: erasure-log-bounded
  auto& made = all_.emplace_front();
  made.number = ++last_;
  made.hash = std::move(hash);
  made.at = std::chrono::floor<std::chrono::seconds>(at);
  return made;
}

erasure_record* erasure_log::find(std::uint64_t number) {
  auto const found = std::ranges::find(all_, number, &erasure_record::number);
  return found == all_.end() ? nullptr : &*found;
}

std::string erasure_log::text() const {
  std::string made;
  for (auto const& one : all_) made.append(json_of(one)).append("\n");
  return made;
}

erasure_log erasure_log::parse(std::string_view text) {
  erasure_log made;
  json_reader reader;
  while (!text.empty() && made.all_.size() < most) {
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto one = record_in(line, reader);
    // The newest first, each number once.
    if (!one || (!made.all_.empty() && one->number >= made.all_.back().number)) continue;
    made.last_ = std::max(made.last_, one->number);
    made.all_.push_back(*std::move(one));
  }
  return made;
}

std::string json_of(const erasure_log& log, bool is_kept) {
  std::string out;
  {
    json_object made{out};
    made.flag("kept_on_disk", is_kept);
    made.begin("erasures");
    json_list(out, log.all(), [&](const erasure_record& one) { out += json_of(one); });
  }
  return out;
}

}  // namespace gateway
