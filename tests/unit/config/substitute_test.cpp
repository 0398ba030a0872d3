// SPDX-License-Identifier: Apache-2.0
//
// `${VAR}` in values.
#include "config/substitute.hpp"

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Substitute : public ConfigTest {
 protected:
  Substitute() {
    environment = {{"N", "7"}, {"EMPTY", ""}, {"TEXT", "a: [b, c] # d"}, {"REFERENCE", "${N}"}, {"BAD", "\xFF"}};
  }
  std::string any(const std::string& yaml) {
    Loaded loaded = load_text("instances:\n  m:\n    type: meter\n    interval: 0.1s\n    any: " + yaml + "\n");
    last = loaded.diagnostics;
    return loaded.model ? loaded.model->instances.at("m").settings : "";
  }
  static std::string holding(const std::string& value) { return R"({"any":)" + value + R"(,"interval":100000000})"; }
};

TEST_F(Substitute, a_plain_scalar_is_typed_afterwards_and_a_quoted_one_stays_text) {
  EXPECT_EQ(any("${N}"), holding("7"));
  EXPECT_EQ(any("\"${N}\""), holding("\"7\""));
  EXPECT_EQ(any("'${N}'"), holding("\"7\""));
  EXPECT_EQ(any("${N}${N}.5"), holding("77.5"));
  EXPECT_EQ(any("${MISSING:-true}"), holding("true"));
}

TEST_F(Substitute, a_value_cannot_bring_structure_or_more_references) {
  EXPECT_EQ(any("\"${TEXT}\""), holding("\"a: [b, c] # d\""));
  EXPECT_EQ(any("x ${TEXT}"), holding("\"x a: [b, c] # d\""));
  EXPECT_EQ(any("\"${REFERENCE}\""), holding("\"${N}\""));
}

TEST_F(Substitute, a_default_stands_in_for_unset_and_for_empty) {
  EXPECT_EQ(any("\"${MISSING:-x}${EMPTY:-y}${N:-z}\""), holding("\"xy7\""));
  EXPECT_EQ(any("\"<${EMPTY}>\""), holding("\"<>\""));
  EXPECT_EQ(any("\"${MISSING:-${N}}${N:-${ALSO_MISSING}}\""), holding("\"77\""));
  EXPECT_EQ(any("\"${MISSING:-}\""), holding("\"\""));
}

TEST_F(Substitute, a_doubled_dollar_is_the_text_itself) {
  EXPECT_EQ(any("\"$${N} $$ $N $\""), holding("\"${N} $$ $N $\""));
}

TEST_F(Substitute, keys_are_left_alone) {
  EXPECT_EQ(any("{\"${N}\": 1}"), holding(R"({"${N}":1})"));
}

TEST_F(Substitute, mistakes_have_their_column) {
  any("[\"${MISSING}\", 'x${MISSING:?set it}', '${N', '${}', '${N!}', '${BAD}', '${EMPTY:?}']");
  EXPECT_THAT(
      errors(last),
      ElementsAre("5:12: environment variable MISSING is not set; set it, or give a default: ${MISSING:-value}",
                  "5:27: environment variable MISSING: set it", "5:49: `${N` is not closed by `}`",
                  "5:56: `${` needs the name of an environment variable; write `$${` for the text itself",
                  "5:66: expected `}`, `:-default` or `:?message` after `${N`",
                  "5:72: environment variable BAD is not UTF-8 text", "5:82: environment variable EMPTY: must be set"));
}

TEST_F(Substitute, is_bounded) {
  environment["BIG"] = std::string(600'000, 'x');
  any("'${BIG}${BIG}'");
  EXPECT_THAT(errors(last), ElementsAre(HasSubstr("too long after substitution")));
  std::string list;
  for (int i = 0; i < 40; ++i) list += "'${BIG}',";
  any("[" + list + "]");
  EXPECT_THAT(errors(last), testing::Each(HasSubstr("too long after substitution")));
  EXPECT_TRUE(last.has_errors());
  std::string deep = "x";
  for (int i = 0; i < 20; ++i) deep = "${MISSING:-" + deep + "}";
  any("'" + deep + "'");
  EXPECT_THAT(errors(last), ElementsAre(HasSubstr("`${` is nested too deep")));
}

TEST_F(Substitute, a_filter_can_be_substituted_and_its_error_then_points_to_its_start) {
  environment["LEVEL"] = "bad";
  input.check_filter = [](std::string_view text) -> std::optional<FilterError> {
    const auto at = text.find("bad");
    return at == std::string_view::npos ? std::nullopt : std::optional(FilterError{"no good", at});
  };
  const Loaded loaded =
      load_text("instances: {a: {type: meter}}\nroutes:\n  r: {from: a, to: a, where: \"x > ${LEVEL}\"}\n");
  EXPECT_THAT(errors(loaded.diagnostics), ElementsAre("3:30: route `r`: no good"));
}

}  // namespace
}  // namespace picket::config
