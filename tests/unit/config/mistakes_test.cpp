// SPDX-License-Identifier: Apache-2.0
//
// All mistakes of a file come out at once, each with line, column, the line and a caret.
#include "fixture.hpp"

namespace picket::config {
namespace {

class Mistakes : public ConfigTest {};

TEST_F(Mistakes, five_different_ones_are_all_reported_with_line_and_column) {
  input.check_filter = [](std::string_view text) -> std::optional<FilterError> {
    const auto at = text.find("==>");
    return at == std::string_view::npos ? std::nullopt : std::optional(FilterError{"expected a value", at + 2});
  };
  const Loaded loaded = load_text(
      "instances:\n"
      "  host:\n"
      "    type: meter\n"
      "    intervall: 5s\n"
      "    size: 64MIB\n"
      "  history:\n"
      "    type: stroe\n"
      "routes:\n"
      "  perf:\n"
      "    from: hots\n"
      "    where: name ==> 5\n"
      "    to: history\n");
  EXPECT_FALSE(loaded.model);
  const std::string file = (directory / "picket.yaml").string();
  EXPECT_EQ(
      loaded.diagnostics.render(),
      file + ":4:5: unknown key `intervall`; did you mean `interval`?\n      intervall: 5s\n      ^\n" +  //
          file +
          ":5:11: `64MIB` has an unknown unit; write a size like 1024, 64MiB, 2GiB or 500kB (units: B kB KiB MB "
          "MiB GB GiB TB TiB)\n      size: 64MIB\n            ^\n" +
          file +
          ":7:11: instance `history`: there is no plugin `stroe`; did you mean `store`?\n      type: stroe\n      "
          "      ^\n" +
          file +
          ":10:11: route `perf`: there is no instance `hots`; did you mean `host`?\n      from: hots\n            "
          "^\n" +
          file + ":11:19: route `perf`: expected a value\n      where: name ==> 5\n                    ^\n");
}

}  // namespace
}  // namespace picket::config
