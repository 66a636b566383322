// Looks at the files of credentials, tokens and issuer keys of one configuration again and again, at the cost of a stat each if nothing has
// changed: a file is read if its stamp has changed (place, size, times), and one of ten at each look all the same. Time stamps mislead on a
// network file system. A user that the machine knows is asked for at every tenth look, an unknown one at each. Thread rule: used by one
// thread at a time, and by no event loop.
#pragma once

#include <memory>
#include <vector>

#include "io/files/access_files.hpp"
#include "io/files/plain_file.hpp"

namespace gateway {

class access_looker {
public:
  access_looker(credential_settings from, const upstream_keys& keys);

  // Null if nothing has changed and every file is sound. A file that is missing at two looks in a row means something else than at one, so
  // a look that finds an unusable file always counts.
  std::shared_ptr<const access_look> look();

private:
  struct memory {
    std::optional<file_stamp> stamp;  // at the last look
    digest content{};
  };
  static constexpr std::size_t looks = 10;

  [[nodiscard]] bool is_turn_of(std::size_t i) const { return turn_ == 1 || i % looks == turn_ % looks; }
  bool must_read(std::size_t i, const std::string& path);
  bool look_at_account(std::size_t i);
  bool look_at_client(std::size_t i);
  bool look_at_issuer();

  const credential_settings from_;
  const upstream_keys keys_;
  std::size_t turn_ = 0;
  std::vector<memory> known_;  // of the accounts' files, of the clients', then of the issuer's if there is one
  access_look seen_;
};

}  // namespace gateway
