#include "core/shadow/shadow_report.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/json_writer.hpp"
#include "core/settings/settings_sections.hpp"
#include "core/settings/units.hpp"

namespace gateway {
namespace {

// From 0 to 1, with four digits.
void append_share(std::string& out, double share) {
  auto const parts = static_cast<std::uint64_t>(std::llround(std::clamp(share, 0.0, 1.0) * 10'000));
  append_number(out, parts / 10'000);
  auto const digits = std::to_string(10'000 + parts % 10'000);
  out.append(".").append(digits.substr(1));
}

void append_policy(std::string& out, std::string_view name, const shadow_policy& policy, double share, double calls) {
  json_object one{out};
  one.text("policy", name);
  one.text("max_bytes", size_text(policy.max_bytes));
  one.text("fresh_for", duration_text(policy.freshness.fresh_for));
  one.text("sharing", sharing_mode_names[static_cast<std::size_t>(policy.sharing)]);
  one.begin("hit_ratio");
  append_share(out, share);
  one.number("upstream_calls", std::llround(calls));
}

}  // namespace

std::string shadow_json(const shadow_sample* sample, const shadow_truth& truth, wall_time since) {
  if (sample == nullptr) return R"({"policies":[]})";
  std::string out;
  {
    auto const requests = static_cast<double>(truth.requests);
    json_object all{out};
    all.text("since", rfc3339_of(since));
    all.begin("sample_rate");
    append_share(out, sample->rate());
    all.number("sampled_calls", sample->calls());
    all.number("requests", truth.requests);
    all.number("lost", truth.lost);
    all.begin("policies");
    out += '[';
    auto const real = requests > 0 ? static_cast<double>(truth.answered) / requests : 0;
    append_policy(out, "real", sample->policies().front().policy(), real, static_cast<double>(truth.calls));
    for (auto const& one : sample->policies()) {
      auto const& counted = one.counted();
      // While each call is sampled, nothing has to be estimated: requests that have come since the last look are not known yet.
      auto const seen = sample->rate() < 1 ? requests : counted.requests + static_cast<double>(truth.repeated);
      append_policy(out += ',', name_of(one.policy().differs), one.policy(), hit_ratio(counted, seen), counted.calls);
    }
    out += ']';
  }
  return out;
}

}  // namespace gateway
