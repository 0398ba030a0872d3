// SPDX-License-Identifier: Apache-2.0
#include "routing/names.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace picket::routing {
namespace {

TEST(NamesTest, the_same_text_has_the_same_id_and_the_id_has_the_text) {
  Names names;
  const picket_name a = names.intern("cpu.mode");
  EXPECT_NE(a, 0U);
  EXPECT_EQ(names.intern("cpu.mode"), a);
  EXPECT_EQ(names.find("cpu.mode"), a);
  EXPECT_EQ(names.text(a), "cpu.mode");
  EXPECT_NE(names.intern("cpu.state"), a);
}

TEST(NamesTest, looking_a_text_up_never_adds_it) {
  Names names;
  EXPECT_EQ(names.find("unknown"), 0U);
  EXPECT_EQ(names.size(), 0U);
}

TEST(NamesTest, empty_and_too_long_texts_have_no_id) {
  Names names;
  EXPECT_EQ(names.intern(""), 0U);
  EXPECT_NE(names.intern(std::string(Names::kMaxLength, 'x')), 0U);
  EXPECT_EQ(names.intern(std::string(Names::kMaxLength + 1, 'x')), 0U);
}

TEST(NamesTest, a_full_table_refuses_new_texts_and_keeps_the_old) {
  Names names(2);
  const picket_name a = names.intern("a");
  names.intern("b");
  EXPECT_EQ(names.intern("c"), 0U);
  EXPECT_EQ(names.intern("a"), a);
}

TEST(NamesTest, ids_that_were_never_given_out_have_no_text) {
  Names names;
  EXPECT_EQ(names.text(0), "");
  EXPECT_EQ(names.text(1), "");
  EXPECT_EQ(names.text(0xFFFFFFFFU), "");
}

TEST(NamesTest, texts_stay_where_they_are_while_others_are_added_from_many_threads) {
  Names names;
  const std::string_view first = names.text(names.intern("first"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&names, t] {
      for (int i = 0; i < 3'000; ++i) {
        const std::string text = "name " + std::to_string((i + t * 1'000) % 5'000);
        if (names.text(names.intern(text)) != text) ADD_FAILURE() << text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, "first");
  EXPECT_EQ(first.data(), names.text(names.find("first")).data());
}

}  // namespace
}  // namespace picket::routing
