// The levers that an operator holds by hand, at each upstream: set and lifted here, entered into the logbook, and shown.
// Thread rule: belongs to the control lane. The limiters share their levers with all lanes.
#pragma once

#include <string>
#include <vector>

#include "app/admin/admin_backend.hpp"
#include "core/settings/settings.hpp"
#include "core/telemetry/lever_figures.hpp"
#include "io/files/access_files.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

class lever_desk {
public:
  struct upstream {
    upstream(std::string called, upstream_permits& which) : name(std::move(called)), permits(which) {}
    std::string name;  // "" = the section upstream
    upstream_permits& permits;
  };

  // `config`: the settings in force.
  lever_desk(std::vector<upstream> all, const settings& config, const published_rules& access, const short_hash_key& table_key)
      : upstreams_(std::move(all)), config_(config), access_(access), key_(table_key) {}

  lever_outcome pull(const lever_order& what, const operator_trace& asker);
  // Notes what has ended by itself.
  void look(mono_time now);
  [[nodiscard]] std::vector<lever_figures> figures(mono_time now) const;

private:
  // Where the order applies, and to which account there.
  struct target {
    std::vector<upstream*> at;
    std::uint64_t account = 0;
    std::string problem;  // "": there is none
  };
  [[nodiscard]] target target_of(const lever_order& what);
  [[nodiscard]] std::string label_of(const lever& one) const;
  [[nodiscard]] std::string shown(const upstream& one) const;

  std::vector<upstream> upstreams_;
  const settings& config_;
  const published_rules& access_;
  const short_hash_key& key_;
};

}  // namespace gateway
