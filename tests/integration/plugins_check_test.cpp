// SPDX-License-Identifier: Apache-2.0
//
// `picket plugins check`: every plugin of ours passes, and each deliberately broken one is named by the right trial in
// words that say what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

// One check runs up to two dozen processes one after the other.
constexpr std::chrono::seconds kCheckPatience{240};

Output check(std::vector<std::string> words) {
  words.insert(words.begin(), {PICKET_PROGRAM, "plugins", "check"});
  return run_to_end(words, {}, kCheckPatience);
}

std::string findings_of(const json& answer, const std::string& trial) {
  for (const json& item : answer.at("trials")) {
    if (item.at("name") != trial) continue;
    std::string text = item.at("verdict").get<std::string>() + ":";
    for (const json& finding : item.at("findings")) text += " " + finding.get<std::string>();
    return text;
  }
  return "no such trial";
}

struct FaultyLibrary {
  const char* fault;
  const char* trial;    // that must name it
  const char* finding;  // a regular expression
  const char* timeout = "60s";
};

void PrintTo(const FaultyLibrary& plugin, std::ostream* out) {
  *out << plugin.fault;
}

class PluginsCheck : public testing::TestWithParam<FaultyLibrary> {};

TEST_P(PluginsCheck, names_the_broken_plugin) {
  const FaultyLibrary& broken = GetParam();
  const fs::path file = fixture_folder() / "broken" / ("lib" + std::string(broken.fault) + ".so");
  const Output output = check({file.string(), "--json", "--timeout", broken.timeout, "--only", broken.trial});
  ASSERT_EQ(output.exit_code, 1) << output.out << output.err;
  const json answer = json::parse(output.out);
  EXPECT_EQ(answer.at("ok"), false);
  EXPECT_THAT(findings_of(answer, broken.trial), ContainsRegex("^failed:.*" + std::string(broken.finding)));
  // What it needs was in order: the fault is named where it is.
  for (const json& item : answer.at("trials")) {
    if (item.at("name") == broken.trial) continue;
    EXPECT_EQ(item.at("verdict"), "passed") << item.dump();
  }
}

const FaultyLibrary kBroken[] = {
    {"leaks_symbols", "symbols", "exports [0-9]+ other symbols: forgotten_function"},
    {"no_symbol", "load", "there is no function picket_plugin_v1"},
    {"null_type", "load", "returned null"},
    {"wrong_major", "handshake", "built for plugin ABI 2.0.*update the daemon"},
    {"later_minor", "handshake", "needs plugin ABI 1.99.*update the daemon"},
    {"missing_create", "handshake", "lacks: create"},
    {"small_type", "handshake", "size is 16.*sizeof"},
    {"wrong_id", "handshake", "says that it is 'somebody_else'"},
    {"no_summary", "handshake", "summary is empty"},
    {"bad_schema", "schema", "config_schema: .*cannot be used"},
    {"bad_default", "schema", "must be at least 10"},
    {"throws_from_create", "create", "exception left create\\(\\): thrown by create"},
    {"create_without_text", "create", "without a text"},
    {"missing_stop", "create", "left out functions of picket_plugin: stop"},
    {"writes_behind", "create", "wrote behind the size"},
    {"knows_everything", "extensions", "returned a table"},
    {"two_tables", "extensions", "must be static"},
    {"silent_refusal", "bad-settings", "failed without a text"},
    {"throws_from_start", "start-stop", "exception left start\\(\\): thrown by start"},
    {"hangs_in_start", "start-stop", "did not come back within 8s in start\\(\\)", "8s"},
    {"hangs_in_stop", "start-stop", "did not come back within 8s in stop\\(\\)", "8s"},
    {"crashes_in_start", "start-stop", "crashed in start\\(\\), by SIGABRT"},
    {"exits", "start-stop", "exit code 3 in start\\(\\); a plugin never exits"},
    {"emits_after_stop", "start-stop", "emit\\(\\) after stop\\(\\)"},
    {"leaves_timer", "start-stop", "timers were still set after stop"},
    {"leaves_thread", "start-stop", "threads of it still run after destroy"},
    {"crashes_at_exit", "exit", "crashed in the end of the process"},
    {"malformed_batch", "start-stop", "malformed batch: event 0 has fields outside"},
    {"leaves_emit", "stop-during-emit", "still inside of emit\\(\\)"},
    {"hammers_busy", "busy", "again and again while the answer is BUSY"},
    {"hoards_batches", "busy", "batches while the host is BUSY"},
    {"frees_twice", "busy", "released already"},
    {"throws_from_consume", "consume", "exception left consume\\(\\): thrown by consume"},
    {"never_finishes", "consume", "done\\(\\) never came"},
    {"finishes_twice", "consume", "done\\(\\) was called twice"},
    {"always_busy", "consume", "BUSY to every offer"},
    {"finishes_unasked", "consume", "did not answer with PENDING"},
    {"refuses_nonsense", "consume", "positions"},
    {"crashes_in_flush", "flush", "crashed in flush\\(\\)"},
    {"one_thread_only", "threads", "crashed in consume\\(\\) on another thread"},
    {"no_reply", "commands", "ping was accepted and never answered"},
    {"two_replies", "commands", "answered already"},
    {"no_json", "commands", "no JSON: pong"},
    {"any_command", "commands", "accepted a command that is not in the list"},
    {"bad_health", "health", "7, which is none"},
};

INSTANTIATE_TEST_SUITE_P(Broken, PluginsCheck, testing::ValuesIn(kBroken),
                         [](const auto& each) { return std::string(each.param.fault); });

#ifdef PICKET_MEMORY_IS_COUNTED
const FaultyLibrary kLeaking[] = {{"leaks_memory", "create-again", "leave 1[0-9][0-9][0-9] bytes behind each time"}};
INSTANTIATE_TEST_SUITE_P(Leaking, PluginsCheck, testing::ValuesIn(kLeaking),
                         [](const auto& each) { return std::string(each.param.fault); });
#endif

class OurPlugins : public testing::TestWithParam<const char*> {};

TEST_P(OurPlugins, passes_every_trial) {
  const fs::path file = plugin_folder() / ("lib" + std::string(GetParam()) + ".so");
  const Output output = check({file.string(), "--timeout", "120s", "--commands"});
  EXPECT_EQ(output.exit_code, 0) << output.out << output.err;
  EXPECT_THAT(output.out, ContainsRegex("\n[0-9]+ passed, 0 failed, 0 not run\n$"));
}

// Of the folders plugins/ and sdk/examples, as CMake knows them.
const char* const kOurs[] = {PICKET_ALL_PLUGINS};
INSTANTIATE_TEST_SUITE_P(Ours, OurPlugins, testing::ValuesIn(kOurs),
                         [](const auto& each) { return std::string(each.param); });

TEST(PluginsCheckVerb, a_plugin_without_a_fault_passes_and_leaves_nothing_behind) {
  const TemporaryDirectory temporary;
  const fs::path file = fixture_folder() / "broken" / "libnone.so";
  const Output output = run_to_end({PICKET_PROGRAM, "plugins", "check", file.string(), "--timeout", "60s"},
                                   {{"TMPDIR", temporary.path().string()}}, kCheckPatience);
  EXPECT_EQ(output.exit_code, 0) << output.out << output.err;
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

TEST(PluginsCheckVerb, what_is_no_plugin_fails_and_the_rest_is_not_run) {
  const TemporaryDirectory temporary;
  write_file(temporary.path() / "libnotes.so", "no library at all");
  const Output output = check({(temporary.path() / "libnotes.so").string()});
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.out, HasSubstr("neither an ELF nor a PE file"));
  EXPECT_THAT(output.out, HasSubstr("not run: needs load"));
  EXPECT_EQ(check({"/no/such/file.so"}).exit_code, 69);
}

TEST(PluginsCheckVerb, settings_are_given_in_a_file_and_checked_against_the_schema) {
  const TemporaryDirectory temporary;
  const fs::path settings = temporary.path() / "settings.yaml";
  const std::string file = (fixture_folder() / "broken" / "libnone.so").string();
  write_file(settings, "count: 5\n");
  EXPECT_EQ(check({file, "--only", "create", "--settings", settings.string()}).exit_code, 0);
  write_file(settings, "cuont: 5\n");
  const Output output = check({file, "--only", "create", "--settings", settings.string()});
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.out, HasSubstr("unknown key `cuont`; did you mean `count`?"));
}

TEST(PluginsCheckVerb, wrong_use_is_64_and_the_list_needs_no_file) {
  EXPECT_EQ(check({}).exit_code, 64);
  EXPECT_EQ(check({"x.so", "--timeout", "soon"}).exit_code, 64);
  EXPECT_EQ(check({(fixture_folder() / "broken" / "libnone.so").string(), "--only", "nonsense"}).exit_code, 69);
  const Output list = check({"--list", "--json"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_GE(json::parse(list.out).size(), 20U);
  EXPECT_THAT(list.err, IsEmpty());
}

}  // namespace
}  // namespace picket::integration
