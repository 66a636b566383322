// The accounts at the upstream as operators read of them: what each may send, what it sends, and what stops it.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

class account_report {
public:
  static constexpr std::size_t most = 20;  // accounts of each upstream

  struct about {
    std::string name;      // in the settings, or a fingerprint
    bool refused = false;  // mode inject: the upstream refuses the credential that the gateway holds for it
  };
  using account_name = std::function<about(std::uint64_t account)>;

  // `upstream`: its name, if there are several.
  void add(std::string_view upstream, upstream_limiter::busiest those, const account_name& named);

  // {known, ways: the circuits of upstreams that stop all accounts, shown: accounts, those with a refused credential first}.
  void append(std::string& text) const;

private:
  struct way {
    std::string upstream;
    circuit_figures is;
  };
  struct account {
    std::string upstream;
    about who;
    account_figures is;
  };
  std::size_t known_ = 0;
  std::vector<way> ways_;
  std::vector<account> accounts_;
};

}  // namespace gateway
