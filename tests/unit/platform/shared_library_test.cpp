// SPDX-License-Identifier: Apache-2.0
#include "platform/shared_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

using testing::HasSubstr;

// The cross-build names it as this machine does; Windows wants a drive before that.
std::filesystem::path test_library() {
  return std::filesystem::absolute(TEST_LIBRARY);
}

TEST(SharedLibrary, finds_exported_symbols_and_answers_null_for_others) {
  const auto library = SharedLibrary::load(test_library());
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ((*library)->path(), test_library());
  void* const symbol = (*library)->symbol("test_answer");
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(reinterpret_cast<int (*)()>(symbol)(), 42);
  EXPECT_EQ((*library)->symbol("nothing_of_that_name"), nullptr);
}

TEST(SharedLibrary, a_relative_path_is_refused) {
  const auto library = SharedLibrary::load("test_library.so");
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error().message, HasSubstr("must be absolute"));
}

TEST(SharedLibrary, a_missing_file_is_named) {
  const TemporaryDirectory directory;
  const auto library = SharedLibrary::load(directory / library_file_name("missing"));
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().status, PICKET_NOT_FOUND);
  EXPECT_THAT(library.error().message, HasSubstr(library_file_name("missing")));
}

TEST(SharedLibrary, a_file_that_is_no_library_fails_with_the_loaders_words) {
  const TemporaryDirectory directory;
  const auto path = directory / library_file_name("text");
  std::ofstream(path, std::ios::binary) << "this is no library at all";
  const auto library = SharedLibrary::load(path);
  ASSERT_FALSE(library);
  EXPECT_THAT(library.error().message, HasSubstr("text"));
  EXPECT_GT(library.error().message.size(), path.string().size() + 20);
}

TEST(SharedLibrary, a_new_version_is_loaded_beside_the_old_one) {
  const TemporaryDirectory directory;
  const auto path = directory / library_file_name("versioned");
  std::filesystem::copy_file(test_library(), path);
  const auto first = SharedLibrary::load(path);
  ASSERT_TRUE(first) << first.error().message;
  // As an upgrade does it: the new file takes the old one's place by a rename.
  const auto aside = directory / "aside";
  std::filesystem::copy_file(test_library(), aside);
  std::filesystem::rename(aside, path);
  const auto second = SharedLibrary::load(path);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE((*first)->symbol("test_answer"), (*second)->symbol("test_answer"));
  EXPECT_EQ(reinterpret_cast<int (*)()>((*first)->symbol("test_answer"))(), 42);
}

}  // namespace
}  // namespace picket::platform
