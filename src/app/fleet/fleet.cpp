#include "app/fleet/fleet.hpp"

#include <boost/asio/post.hpp>
#include <stdexcept>

#include "core/base/json_writer.hpp"
#include "core/fleet/engine_keys.hpp"
#include "core/settings/validate_fleet.hpp"
#include "io/files/fleet_files.hpp"

namespace gateway {

engine_access engine_access_of(const fleet_settings& from) {
  engine_access how;
  if (from.sentinel.name.empty()) how.where = *parse_engine_url(from.url);  // checked when the settings were read
  how.sentinel_name = from.sentinel.name;
  how.sentinels = sentinels_of(from.sentinel);
  how.user = from.user;
  how.ca_file = from.ca_file;
  how.key = engine_keys{from.name_space}.incarnation();
  std::string why_not;
  how.password = read_engine_password(from.password_file, why_not);
  if (!why_not.empty()) throw std::runtime_error{"fleet.password_file: " + why_not};
  return how;
}

fleet::fleet(const settings& values, std::uint64_t seed)
    : at_(seed, values), link_(at_, engine_access_of(values.fleet), values.fleet.timeout, engine_keys{values.fleet.name_space}.feed()) {}

void fleet::start(std::function<void()> ended) {
  ended_ = false;
  at_.start();
  link_.begin();
  at_.run_on_thread([this, ended = std::move(ended)] {
    ended_.store(true, std::memory_order_release);
    ended();
  });
}

void fleet::end(mono_time latest) {
  link_.end();
  asio::post(at_.loop, [this, latest] { at_.end_by(latest); });
}

std::string fleet::report(const mark_figures& marks, const std::optional<budget_figures>& budget) const {
  std::string body;
  {
    json_object out{body};
    add_fleet_members(out, body, marks);
    if (budget) {
      out.begin("budget");
      {
        json_object shared{body};
        shared.text("state", budget->alone ? "alone" : "shared");
        shared.number("gateways", budget->gateways);
      }
      out.begin("circuits");
      append_circuits(body, *budget);
    }
    out.begin("engine");
    body += engine_json(link_.figures());
  }
  return body;
}

}  // namespace gateway
