#include "core/upstream/content_coding.hpp"

#include <algorithm>
#include <array>

#include "core/base/gzip.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 5> of_packed_bytes{"content-encoding", "content-md5", "content-digest", "repr-digest", "digest"};

struct codings {
  std::size_t count = 0;  // without identity
  std::string_view last;
};

codings codings_of(const upstream_answer& answer) {
  codings all;
  for (auto const& field : answer.fields) {
    if (!iequals(field.name, "content-encoding")) continue;
    for_each_element(field.value, [&](std::string_view coding) {
      if (!iequals(coding, "identity")) all = {all.count + 1, coding};
    });
  }
  return all;
}

}  // namespace

bool is_coded(const upstream_answer& answer) { return codings_of(answer).count > 0; }

void decode_content(upstream_answer& answer, std::size_t most) {
  auto const coded = codings_of(answer);
  if (coded.count != 1 || !(iequals(coded.last, "gzip") || iequals(coded.last, "x-gzip"))) return;
  auto content = answer.body.empty() ? std::optional{std::string{}} : gunzip(answer.body, most);
  if (!content) return;
  answer.body = std::move(*content);
  std::erase_if(answer.fields, [](const answer_field& field) {
    return std::ranges::any_of(of_packed_bytes, [&](std::string_view name) { return iequals(name, field.name); });
  });
}

}  // namespace gateway
