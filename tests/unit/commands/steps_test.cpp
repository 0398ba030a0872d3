// SPDX-License-Identifier: Apache-2.0
//
// `picket steps`, and that what it shows can be loaded.
#include "commands/steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "commands/exit_codes.hpp"

namespace picket::commands {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(StepsVerb, lists_every_type_with_a_summary) {
  std::ostringstream out;
  EXPECT_EQ(list_steps(false, {}, out), kExitOk);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("STEP"), HasSubstr("throttle"), HasSubstr("Let at most so many events")));
  std::ostringstream json;
  EXPECT_EQ(list_steps(true, {}, json), kExitOk);
  const auto list = nlohmann::json::parse(json.str());
  EXPECT_EQ(list.size(), step_type_names().size());
  EXPECT_THAT(step_type_names(), Contains("sample"));
}

TEST(StepsVerb, describes_every_type_as_yaml_and_as_schema) {
  for (const std::string& name : step_type_names()) {
    std::ostringstream out, err;
    EXPECT_EQ(describe_step(name, false, out, err), kExitOk) << err.str();
    EXPECT_THAT(out.str(), AllOf(HasSubstr("# " + name + ": "), HasSubstr("      - " + name + ":\n")));
    std::ostringstream schema;
    EXPECT_EQ(describe_step(name, true, schema, err), kExitOk);
    EXPECT_EQ(nlohmann::json::parse(schema.str())["type"], "object") << name;
  }
}

TEST(StepsVerb, a_type_that_is_not_there_is_told_with_the_nearest) {
  std::ostringstream out, err;
  EXPECT_EQ(describe_step("throtle", false, out, err), kExitUnavailable);
  EXPECT_EQ(err.str(), "picket steps describe: there is no step `throtle`; did you mean `throttle`?\n");
  EXPECT_THAT(out.str(), IsEmpty());
}

}  // namespace
}  // namespace picket::commands
