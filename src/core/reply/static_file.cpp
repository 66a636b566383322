#include "core/reply/static_file.hpp"

#include "core/base/etag.hpp"
#include "core/base/gzip.hpp"

namespace gateway {

static_file::static_file(std::string_view content_type, std::string_view bytes)
    : type(content_type), plain{std::string{bytes}, etag_of(bytes)}, gzip{gateway::gzip(bytes), gzip_tag(plain.etag)} {}

}  // namespace gateway
