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
#include "io/files/guarded_file.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/files/settings_file.hpp"
#include "io/runtime/file_thread.hpp"
#include "io/upstream/client_tls.hpp"

namespace gateway {

struct reload_files final : file_job {
  // `authorities_now`: that the upstream is verified by. `key`: of the rules in force.
  reload_files(std::string path, const origin& upstream, const digest& authorities_now, const fingerprint_key& key)
      : path(std::move(path)), upstream(upstream), authorities_now(authorities_now), key(key) {}

  void work() override;

  const std::string path;
  const origin upstream;
  const digest authorities_now;
  const fingerprint_key key;

  loaded next;
  std::vector<data_listeners::reading> listeners;
  access_reading access;
  file_content token;
  proxy_credential egress;
  digest authorities{};
  std::shared_ptr<client_tls> tls;  // null: the authorities are unchanged
  token_trust tokens;
  std::string why_not;  // the authorities cannot be used
};

}  // namespace gateway
