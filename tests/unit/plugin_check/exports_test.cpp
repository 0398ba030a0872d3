// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/exports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace picket::plugin_check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Small libraries, which the fuzzer starts from as well.
std::string seed(const std::string& name) {
  std::ifstream in(PICKET_EXPORT_SEEDS "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Exports, of_an_elf_library_are_its_visible_global_and_weak_symbols) {
  EXPECT_THAT(exported_symbols(seed("two.so")).value(), UnorderedElementsAre("picket_plugin_v1", "second"));
}

TEST(Exports, of_a_pe_library_are_its_named_exports) {
  EXPECT_THAT(exported_symbols(seed("two.dll")).value(), ElementsAre("picket_plugin_v1", "second"));
  EXPECT_THAT(exported_symbols(seed("two_32.dll")).value(), ElementsAre("picket_plugin_v1", "second"));
  EXPECT_THAT(exported_symbols(seed("none.dll")).value(), IsEmpty());
}

TEST(Exports, what_is_no_library_is_refused_in_words) {
  EXPECT_THAT(exported_symbols("").error().message, HasSubstr("neither an ELF nor a PE file"));
  EXPECT_THAT(exported_symbols("#!/bin/sh\n").error().message, HasSubstr("neither an ELF nor a PE file"));
  EXPECT_THAT(exported_symbols("MZ").error().message, HasSubstr("no PE header"));
  EXPECT_THAT(exported_symbols("\x7f"
                               "ELF")
                  .error()
                  .message,
              HasSubstr("cut off in its header"));
  std::string program = seed("two.so");
  program[16] = 2;  // ET_EXEC
  EXPECT_THAT(exported_symbols(program).error().message, HasSubstr("no shared library"));
}

TEST(Exports, a_file_that_is_cut_off_anywhere_is_refused_or_read_but_never_believed) {
  for (const char* name : {"two.so", "two.dll", "two_32.dll"}) {
    const std::string whole = seed(name);
    ASSERT_FALSE(whole.empty());
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto symbols = exported_symbols(std::string_view(whole).substr(0, length));
      if (!symbols) continue;
      for (const std::string& symbol : *symbols) EXPECT_NE(whole.find(symbol), std::string::npos);
    }
  }
}

TEST(Exports, every_number_of_the_file_may_be_wrong) {
  for (const char* name : {"two.so", "two.dll"}) {
    const std::string whole = seed(name);
    for (std::size_t at = 0; at + 4 <= whole.size(); at += 2) {
      for (const std::uint32_t value : {0U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
        std::string changed = whole;
        std::memcpy(changed.data() + at, &value, sizeof value);
        (void)exported_symbols(changed);  // a sanitizer, or a crash, would tell
      }
    }
  }
}

}  // namespace
}  // namespace picket::plugin_check
