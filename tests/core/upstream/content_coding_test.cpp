// Bodies that the upstream compressed although identity was asked for.
#include "core/upstream/content_coding.hpp"

#include <gtest/gtest.h>

#include "core/base/gzip.hpp"
#include "core/upstream/verdict.hpp"
#include "upstream/answers.hpp"

namespace gateway::content_coding_test {
namespace {

constexpr std::size_t most = 64 * 1024;
const std::string body = summary_body(R"(,"processing_state":"complete")");

std::string names_of(const upstream_answer& answer) {
  std::string names;
  for (auto const& field : answer.fields) names.append(field.name).append(";");
  return names;
}

TEST(content_coding, gzip_is_unpacked_and_no_field_tells_of_it) {
  for (std::string_view const coding : {"gzip", "GZIP", "x-gzip", "identity, gzip", " gzip ,"}) {
    auto answer =
        made_answer(200, gzip(body), {{"content-encoding", coding}, {"Content-MD5", "x"}, {"Repr-Digest", "x"}, {"X-Other", "x"}});
    EXPECT_TRUE(is_coded(answer));
    decode_content(answer, most);
    EXPECT_EQ(answer.body, body) << coding;
    EXPECT_EQ(names_of(answer), "Content-Type;X-Other;") << coding;
    body_reader reader;
    EXPECT_EQ(judge_answer(answer, asked(), reader).is, verdict_kind::found) << coding;
  }
}

TEST(content_coding, an_error_is_unpacked_so_that_its_code_is_read) {
  auto answer = made_answer(404, gzip(error_body(17001)), {{"Content-Encoding", "gzip"}});
  decode_content(answer, most);
  body_reader reader;
  EXPECT_EQ(judge_answer(answer, asked(), reader).is, verdict_kind::not_ready);
  EXPECT_EQ(answer.body, error_body(17001));
}

TEST(content_coding, what_cannot_be_unpacked_stays_as_it_is) {
  struct row {
    std::string_view name;
    std::string body;
    std::vector<answer_field> fields;
  };
  const row rows[] = {
      {"another coding", gzip(body), {{"Content-Encoding", "br"}}},
      {"two codings", gzip(gzip(body)), {{"Content-Encoding", "gzip, gzip"}}},
      {"two codings in two fields", gzip(gzip(body)), {{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}}},
      {"one of two known", gzip(body), {{"Content-Encoding", "br, gzip"}}},
      {"identity hides nothing", gzip(body), {{"Content-Encoding", "identity"}, {"Content-Encoding", "br"}}},
      {"no gzip", body, {{"Content-Encoding", "gzip"}}},
      {"something behind it", gzip(body) + "x", {{"Content-Encoding", "gzip"}}},
      {"too much", gzip(std::string(most + 1, ' ')), {{"Content-Encoding", "gzip"}}},
  };
  body_reader reader;
  for (auto const& r : rows) {
    upstream_answer answer{200, r.fields, r.body};
    decode_content(answer, most);
    EXPECT_EQ(answer.body, r.body) << r.name;
    EXPECT_EQ(answer.fields.size(), r.fields.size()) << r.name;
    EXPECT_TRUE(is_coded(answer)) << r.name;
    EXPECT_EQ(judge_answer(answer, asked(), reader).why, fault::upstream_unusable_body) << r.name;
  }
}

TEST(content_coding, without_one_nothing_changes) {
  for (std::string_view const coding : {"", "identity", "Identity", ","}) {
    auto answer = made_answer(200, body, {{"Content-Encoding", coding}, {"Content-MD5", "x"}});
    EXPECT_FALSE(is_coded(answer)) << coding;
    decode_content(answer, most);
    EXPECT_EQ(answer.fields.size(), 3U) << coding;
  }
  auto empty = made_answer(404, "", {{"Content-Encoding", "gzip"}});
  decode_content(empty, most);
  EXPECT_EQ(names_of(empty), "Content-Type;") << "no content needs no coding";
}

}  // namespace
}  // namespace gateway::content_coding_test
