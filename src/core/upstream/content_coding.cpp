#include "core/upstream/content_coding.hpp"

#include "core/base/gzip.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

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

void drop_digests(upstream_answer& answer) {
  std::erase_if(answer.fields, [](const answer_field& field) {
    auto const* const row = field_row_of(field.name);
    return row != nullptr && row->use == field_use::exact_bytes;
  });
}

void decode_content(upstream_answer& answer, std::size_t most) {
  auto const coded = codings_of(answer);
  if (coded.count != 1 || !(iequals(coded.last, "gzip") || iequals(coded.last, "x-gzip"))) return;
  auto content = answer.body.empty() ? std::optional{std::string{}} : gunzip(answer.body, most);
  if (!content) return;
  answer.body = std::move(*content);
  std::erase_if(answer.fields, [](const answer_field& field) { return iequals(field.name, "content-encoding"); });
  drop_digests(answer);
}

}  // namespace gateway
