// An upstream as all lanes have it in common: where it is, what it is verified by, and the way through an egress proxy.
// Thread rule: belongs to the control worker; lanes use what they are given of it.
#pragma once

#include <memory>

#include "app/server/egress_watch.hpp"
#include "core/settings/egress.hpp"
#include "io/upstream/client_tls.hpp"
#include "io/upstream/tunnel.hpp"
#include "io/upstream/upstream_network.hpp"

namespace gateway {

struct served_upstream {
  // `key`: what the keys of its settings begin with. Throws std::runtime_error if a file that they name cannot be used.
  served_upstream(const upstream_settings& values, const std::string& key)
      : name(values.name),
        where(*parse_origin(values.url)),  // checked when the settings were read
        network(where, values),
        egress(values.proxy_credential_file, key + "proxy_credential_file"),
        tls(std::make_shared<client_tls>(where, values.ca_file)),
        authorities(tls->authorities()) {
    if (!values.proxy.empty()) through = std::make_shared<const egress_proxy>(tunnel_authority(values, where), egress.authorization());
  }

  const std::string name;  // "" = the section upstream
  const origin where;
  upstream_network network;
  egress_watch egress;
  std::shared_ptr<client_tls> tls;              // of the start
  digest authorities;                           // that it is verified by now
  std::shared_ptr<const egress_proxy> through;  // null: there is none
};

}  // namespace gateway
