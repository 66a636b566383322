#include "core/request/families.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gateway::families_test {
namespace {

constexpr auto first_write = 10U;

passthrough_set listing(std::string_view word) {
  passthrough_set made{};
  made[static_cast<std::size_t>(std::ranges::find(passthrough_names, word) - passthrough_names.begin())] = true;
  return made;
}

TEST(families, each_is_allowed_by_its_own_word_or_all) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(resource::annotation); ++i) {
    auto const what = static_cast<resource>(i);
    EXPECT_EQ(family_of(what).what, what);
    EXPECT_EQ(word_for(what, "GET"), passthrough_names[i]);
    for (auto const word : passthrough_names) {
      for (auto const* const method : {"GET", "HEAD", "OPTIONS", "DELETE"})
        EXPECT_EQ(allows(listing(word), what, method), word == name_of(what) || word == "all") << word << ' ' << name_of(what) << method;
    }
  }
}

TEST(families, a_write_has_a_word_of_its_own_that_all_does_not_contain) {
  for (auto const what : {resource::settings, resource::reports, resource::v3}) {
    auto const own = std::string{name_of(what)} + ".write";
    EXPECT_TRUE(is_write(what, "POST") && !is_write(what, "PUT") && !is_write(what, "GET"));
    EXPECT_EQ(word_for(what, "POST"), own);
    EXPECT_EQ(methods_of(what), "GET, HEAD, POST, OPTIONS");
    for (auto const word : passthrough_names) EXPECT_EQ(allows(listing(word), what, "POST"), word == own) << word;
  }
  EXPECT_EQ(passthrough_names[first_write - 1], "all");
  for (auto word = first_write; word < passthrough_names.size(); ++word) EXPECT_TRUE(passthrough_names[word].ends_with(".write"));
}

TEST(families, the_others_are_only_read) {
  for (auto const what :
       {resource::call, resource::events, resource::metrics, resource::summaries, resource::conferences, resource::video_rooms}) {
    EXPECT_FALSE(is_write(what, "POST"));
    EXPECT_EQ(methods_of(what), read_methods);
  }
  EXPECT_EQ(methods_of(resource::summary), read_methods);
  EXPECT_EQ(methods_of(resource::none), read_methods);
}

TEST(families, an_annotation_needs_no_word) {
  EXPECT_TRUE(allows({}, resource::annotation, "GET") && allows({}, resource::annotation, "POST"));
  EXPECT_EQ(word_for(resource::annotation, "POST"), "");
  EXPECT_EQ(methods_of(resource::annotation), "GET, HEAD, POST, OPTIONS");
}

}  // namespace
}  // namespace gateway::families_test
