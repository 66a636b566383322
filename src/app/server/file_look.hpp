// One look at all files that are watched: those of credentials and tokens, of operators, the egress proxy's credential, the listeners'
// certificates. The control worker says what to look at, the file thread looks, and the control worker takes what was found. Thread rule:
// as for each file_job.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/server/certificate_watch.hpp"
#include "app/server/egress_watch.hpp"
#include "io/files/access_looker.hpp"
#include "io/files/admin_files.hpp"
#include "io/files/guarded_file.hpp"
#include "io/files/proxy_credential.hpp"
#include "io/runtime/file_thread.hpp"

namespace gateway {

struct file_look final : file_job {
  void work() override {
    if (access_files) access = access_files->look();
    tokens = read_admin_tokens(admin);
    if (!event_token_path.empty()) event_tokens = read_secret(event_token_path, secret_form::event_tokens);
    for (auto& one : egress) one.found = read_proxy_credential(one.path);
    for (auto& [watch, one] : certificates) one.take();
  }

  std::shared_ptr<access_looker> access_files;  // null: there are none
  admin_settings admin;
  std::string event_token_path;  // "": there is none
  struct proxy_look {
    egress_watch* watch = nullptr;
    std::string path;
    proxy_credential found{};
  };
  std::vector<proxy_look> egress;
  std::vector<std::pair<certificate_watch*, certificate_watch::look>> certificates;

  std::shared_ptr<const access_look> access;  // null: nothing has changed
  admin_token_file tokens;
  file_content event_tokens;
};

}  // namespace gateway
