#include "app/server/egress_watch.hpp"

#include <stdexcept>
#include <utility>

#include "io/runtime/log.hpp"

namespace gateway {

egress_watch::egress_watch(std::string path, std::string key) : path_(std::move(path)), key_(std::move(key)) {
  auto found = read_proxy_credential(path_);
  if (!found.why_not.empty()) throw std::runtime_error{key_ + ": " + found.why_not};
  published_.replace(std::make_shared<const secret>(std::move(found.authorization)));
}

void egress_watch::take(std::string path, proxy_credential found) {
  path_ = std::move(path);
  why_not_.clear();
  if (found.authorization.same_as(published_.get()->reveal())) return;
  published_.replace(std::make_shared<const secret>(std::move(found.authorization)));
  ++reloads_;
  log_entry(logbook_kind::files_changed, {{"setting", key_}, {"change", "tunnels are opened with another credential from now on"}});
}

void egress_watch::found(const std::string& path, proxy_credential next) {
  if (path.empty() || path != path_) return;                      // a reload has named another file meanwhile
  if (next.why_not.empty()) return take(path_, std::move(next));  // defence: proxy-credential-lost
  if (std::exchange(why_not_, next.why_not) == next.why_not) return;
  ++failures_;
  log_entry(logbook_kind::file_refused,
            {{"setting", key_}, {"cause", next.why_not}, {"consequence", "the credential read before stays in use"}});
}

}  // namespace gateway
