// What a reload reads: the settings, and all files that they name.
// Thread rule: as for each file_job.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/server/data_listeners.hpp"
#include "app/server/token_keeper.hpp"
#include "io/files/access_files.hpp"
#include "io/files/admin_files.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/file_thread.hpp"
#include "io/upstream/client_tls.hpp"

namespace gateway {

struct reload_files final : file_job {
  // What is read for an upstream.
  struct of_upstream {
    // `authorities`: that it is verified by now.
    of_upstream(std::string named, const origin& at, const digest& authorities)
        : name(std::move(named)), where(at), authorities(authorities) {}

    std::string name;
    origin where;
    digest authorities;
    proxy_credential egress;
    std::shared_ptr<client_tls> tls;  // null: the authorities are unchanged
    std::string why_not;              // the authorities cannot be used
  };

  // `keys`: of the rules in force.
  reload_files(settings_source from, std::vector<of_upstream> all, const upstream_keys& keys)
      : from(std::move(from)), keys(keys), upstreams(std::move(all)) {}

  void work() override;

  const settings_source from;
  const upstream_keys keys;

  loaded next;
  std::vector<data_listeners::reading> listeners;
  access_reading access;
  std::vector<admin_user> operators;  // of admin.users
  admin_token_file admin_tokens;
  std::vector<std::string> unknown;  // among them, to this machine
  std::vector<of_upstream> upstreams;
  token_trust tokens;
  std::string why_not;  // the authorities of a token endpoint cannot be used
};

}  // namespace gateway
