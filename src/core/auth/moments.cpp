#include "core/auth/moments.hpp"

#include <algorithm>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

namespace gateway {
namespace {

namespace mi = boost::multi_index;

constexpr std::size_t moments_by_use = 0;  // front: least recently used
constexpr std::size_t moment_by_owner = 1;

struct moment {
  partition who;
  mutable mono_time at;  // no index depends on it
};

struct owner_hash {
  std::size_t operator()(const partition& who) const { return who.bits(); }
};

}  // namespace

struct moments::index {
  mi::multi_index_container<moment,
                            mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<moment, partition, &moment::who>, owner_hash>>>
      all;
};

moments::moments(std::size_t most) : most_(most), index_(std::make_unique<index>()) {}
moments::~moments() = default;
moments::moments(moments&&) noexcept = default;

void moments::note(const partition& who, mono_time at) {
  auto& used = index_->all.get<moments_by_use>();
  auto const [place, fresh] = used.push_back(moment{who, at});
  if (!fresh) {
    place->at = std::max(place->at, at);
    used.relocate(used.end(), place);
  }
  if (used.size() <= most_) return;
  forgotten_ = std::max(forgotten_, used.front().at);
  used.pop_front();
}

std::optional<mono_time> moments::find(const partition& who) const {
  auto const& owners = index_->all.get<moment_by_owner>();
  auto const found = owners.find(who);
  return found == owners.end() ? std::nullopt : std::optional{found->at};
}

void moments::use(const partition& who) {
  auto const found = index_->all.get<moment_by_owner>().find(who);
  if (found == index_->all.get<moment_by_owner>().end()) return;
  auto& used = index_->all.get<moments_by_use>();
  used.relocate(used.end(), index_->all.project<moments_by_use>(found));
}

void moments::erase(const partition& who) { index_->all.get<moment_by_owner>().erase(who); }

std::size_t moments::size() const { return index_->all.size(); }

}  // namespace gateway
