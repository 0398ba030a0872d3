// SPDX-License-Identifier: Apache-2.0
//
// Programs outlive the daemon, and their output with them; and what becomes of them when the holder dies.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "harness/holding_site.hpp"

namespace picket::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Writes numbered lines of 100 bytes, as fast as they are taken. Given a file, it waits for that before the last tenth:
// what a test does in the middle of the output is then done before its end, however slow that test is.
const char* const kWriter =
    "import os, sys, time\n"
    "n = int(sys.argv[1])\n"
    "out = sys.stdout.buffer\n"
    "for begin in range(0, n, 1000):\n"
    "    while len(sys.argv) > 2 and begin >= n - n // 10 and not os.path.exists(sys.argv[2]): time.sleep(0.01)\n"
    "    out.write(b''.join(b'%099d\\n' % i for i in range(begin, begin + 1000)))\n"
    "out.flush()\n"
    "sys.exit(42)\n";

// For a hundred megabytes under a sanitizer, beside other tests.
constexpr std::chrono::seconds kLong{150};

std::string numbered_lines(int count) {
  std::string all;
  all.reserve(static_cast<std::size_t>(count) * 100);
  char line[128];
  for (int i = 0; i < count; ++i) {
    std::snprintf(line, sizeof line, "%099d\n", i);
    all += line;
  }
  return all;
}

// A hundred megabytes at once; the harness reads character by character.
std::string large_file(const std::filesystem::path& path) {
  std::string text(static_cast<std::size_t>(std::filesystem::file_size(path)), '\0');
  std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

class ProcessRecovery : public testing::Test {
 protected:
  void start_writer(int lines, HoldingSite::Values more, bool waits = false) {
    write_file(site.place() / "writer.py", kWriter);
    more.insert(more.end(), {{"key", "writer"},
                             {"argument", "/usr/bin/python3"},
                             {"argument", (site.place() / "writer.py").string()},
                             {"argument", std::to_string(lines)}});
    if (waits) more.emplace_back("argument", (site.place() / "go-on").string());
    site.order("start", more);
    ASSERT_TRUE(site.wait_for("started writer"));
  }
  HoldingSite site;
};

TEST_F(ProcessRecovery, a_killed_daemon_loses_no_byte_of_a_file_nor_the_exit_status) {
  site.run();
  constexpr int kLines = 1'000'000;  // 100 MB
  const auto log = site.place() / "writer.log";
  start_writer(kLines, {{"file", log.string()}}, true);
  ASSERT_TRUE(wait_until([&] { return size_of(log) > 1'000'000; }, kLong));
  site.daemon().kill9();
  write_file(site.place() / "go-on", "");
  ASSERT_TRUE(wait_until([&] { return !runs(site.pid_of("writer")); }, kLong));
  EXPECT_TRUE(site.events("exited writer").empty());
  site.run();
  ASSERT_TRUE(site.wait_for("emptied writer"));
  EXPECT_THAT(site.events("found writer").at(0), HasSubstr(" flags=0 "));  // its holder has had it all the time
  EXPECT_THAT(site.events("exited writer"), ElementsAre("exited writer how=0 value=42"));
  ASSERT_EQ(size_of(log), kLines * 100ULL);
  EXPECT_TRUE(large_file(log) == numbered_lines(kLines));
}

TEST_F(ProcessRecovery, captured_output_is_kept_until_it_is_acknowledged) {
  site.run();
  constexpr int kLines = 300'000;  // 30 MB, within the backlog
  start_writer(kLines, {{"capture", "1"}}, true);
  const auto captured = site.place() / "captured-writer-0";
  ASSERT_TRUE(wait_until([&] { return size_of(captured) > 100'000; }, kLong));
  site.daemon().kill9();
  write_file(site.place() / "go-on", "");
  ASSERT_TRUE(wait_until([&] { return !runs(site.pid_of("writer")); }, kLong));
  site.run();
  ASSERT_TRUE(site.wait_for("output_end writer-0")) << site.daemon().err();
  EXPECT_TRUE(site.wait_for("exited writer how=0 value=42"));
  EXPECT_THAT(site.events("gap"), SizeIs(0));
  EXPECT_TRUE(large_file(captured) == numbered_lines(kLines));
}

TEST_F(ProcessRecovery, a_full_backlog_drops_and_says_how_much_and_the_program_never_waits) {
  write_file(site.place() / "no-acknowledgements", "");
  site.run();
  constexpr int kLines = 200'000;  // 20 MB
  start_writer(kLines, {{"capture", "1"}, {"backlog_memory", "65536"}, {"backlog_disk", "2000000"}});
  ASSERT_TRUE(site.wait_for("exited writer how=0 value=42"));
  // Nobody acknowledged anything, and yet it is over. Now somebody does.
  std::filesystem::remove(site.place() / "no-acknowledgements");
  site.daemon().kill9();
  site.run();
  ASSERT_TRUE(site.wait_for("output_end writer-0 offset=20000000"));
  std::uint64_t dropped = 0;
  for (const std::string& line : site.events("gap writer-0")) {
    dropped += std::stoull(line.substr(line.find("dropped=") + 8));
  }
  EXPECT_GE(dropped, 17'000'000U);
  EXPECT_LT(dropped, 20'000'000U);
}

TEST_F(ProcessRecovery, files_rotate_at_ends_of_lines_and_nothing_is_missing) {
  site.run();
  constexpr int kLines = 50'000;  // 5 MB
  const auto log = site.place() / "writer.log";
  start_writer(kLines, {{"file", log.string()}, {"rotate_bytes", "1000050"}, {"rotate_keep", "10"}});
  ASSERT_TRUE(site.wait_for("emptied writer"));
  std::string all;
  for (int number = 10; number >= 0; --number) {
    const auto file = number == 0 ? log : std::filesystem::path(log.string() + "." + std::to_string(number));
    if (!std::filesystem::exists(file)) continue;
    const std::string text = large_file(file);
    EXPECT_EQ(text.size() % 100, 0U) << file;
    all += text;
  }
  EXPECT_TRUE(all == numbered_lines(kLines));
}

TEST_F(ProcessRecovery, a_killed_holder_is_said_and_its_programs_are_found_and_go_on) {
  site.run();
  site.start_script("web",
                    "echo before; while [ ! -e " + (site.place() / "go").string() +
                        " ]; do sleep 0.05; done; echo after; exec sleep 1000",
                    {{"capture", "1"}});
  ASSERT_TRUE(wait_until([&] { return site.captured("web") == "before\n"; }));
  const pid_t first = site.holder(), web = site.pid_of("web");
  kill(first, SIGKILL);
  ASSERT_TRUE(site.wait_for("lost the holder of processes has died"));
  ASSERT_TRUE(site.wait_for("ready", 2)) << site.daemon().err();
  EXPECT_NE(site.holder(), first);
  EXPECT_THAT(site.events("found web").at(0), HasSubstr("state=0 flags=1 pid=" + std::to_string(web)));
  EXPECT_TRUE(runs(web));
  // Even its output: the daemon has kept the end of the pipe.
  write_file(site.place() / "go", "");
  EXPECT_TRUE(wait_until([&] { return site.captured("web") == "before\nafter\n"; })) << site.captured("web");
  site.order("end", {{"key", "web"}, {"signal", "15"}, {"timeout_ms", "5000"}});
  ASSERT_TRUE(site.wait_for("emptied web")) << site.daemon().err();
  EXPECT_FALSE(runs(web));
  EXPECT_THAT(site.events("exited web"), SizeIs(1));
}

TEST_F(ProcessRecovery, a_program_that_ended_without_a_holder_is_unknown_but_over) {
  site.run();
  site.start_script("web", "exec sleep 1000");
  const pid_t web = site.pid_of("web");
  site.daemon().kill9();
  kill(site.holder(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !runs(site.holder()); }));
  kill(web, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !runs(web); }));
  site.run();
  ASSERT_TRUE(site.wait_for("emptied web"));
  EXPECT_THAT(site.events("exited web").at(0), testing::AnyOf("exited web how=2 value=0", "exited web how=1 value=9"));
}

TEST_F(ProcessRecovery, a_record_with_the_pid_of_another_process_signals_nobody) {
  site.run();
  site.start_script("web", "exec sleep 1000");
  const pid_t web = site.pid_of("web");
  site.daemon().kill9();
  kill(site.holder(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !runs(site.holder()); }));
  kill(web, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return !runs(web); }));
  // As if its pid had been given to another process.
  const Process innocent({"/bin/sleep", "1000"});
  std::string record = read_file(site.records() / "1.program");
  std::uint64_t pid = static_cast<std::uint64_t>(innocent.id());
  for (std::size_t i = 8; i < 16; ++i, pid >>= 8U) record[i] = static_cast<char>(pid & 0xFFU);
  write_file(site.records() / "1.program", record);
  site.run();
  ASSERT_TRUE(site.wait_for("emptied web"));
  EXPECT_THAT(site.events("found web").at(0), HasSubstr("state=2"));
  site.order("signal", {{"key", "web"}, {"signal", "9"}});
  site.order("end", {{"key", "web"}, {"signal", "9"}});
  site.start_script("last", "exit 0");
  ASSERT_TRUE(site.wait_for("emptied last"));
  EXPECT_TRUE(runs(innocent.id()));
}

TEST_F(ProcessRecovery, a_library_that_waits_for_every_child_takes_nothing_from_us) {
  write_file(site.place() / "steal-statuses", "");
  site.run();
  for (int i = 0; i < 20; ++i) site.start_script("p" + std::to_string(i), "exit " + std::to_string(i));
  for (int i = 0; i < 20; ++i) {
    const std::string key = "p" + std::to_string(i);
    EXPECT_TRUE(site.wait_for("exited " + key + " how=0 value=" + std::to_string(i))) << key;
  }
}

TEST_F(ProcessRecovery, the_holder_goes_with_the_last_program_and_the_daemon) {
  site.run();
  const pid_t holder = site.holder();
  EXPECT_EQ(stop(site.daemon()), 0);
  EXPECT_TRUE(wait_until([&] { return !runs(holder); }));
}

}  // namespace
}  // namespace picket::integration
