// SPDX-License-Identifier: Apache-2.0
//
// Output that finds no room or no reader: a log file that somebody removes, a full disk, a subscriber that sleeps. The
// program never waits for any of them, and what is lost is counted. The full disk is a limit on the size of files
// (setrlimit(2)) that is put on the holder from outside, which needs no privileges and can be lifted again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "harness/supervised_site.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;

constexpr rlim_t kRoom = 1U << 20U;

class SupervisorOutput : public testing::Test, protected SupervisedSite {
 protected:
  // `count` numbered lines of 100 bytes from `first` on.
  static std::string lines(int first, int count) {
    std::string all;
    all.reserve(static_cast<std::size_t>(count) * 100);
    char line[128];
    for (int i = first; i < first + count; ++i) {
      std::snprintf(line, sizeof line, "%099d\n", i);
      all += line;
    }
    return all;
  }
  // Python for a program that writes such lines and waits for files.
  std::string preamble() const {
    return "import os, sys, time\n"
           "place = '" +
           site.directory().string() +
           "/'\n"
           "def wait_for(name):\n"
           "    while not os.path.exists(place + name): time.sleep(0.01)\n"
           "def lines(first, count):\n"
           "    data = b''.join(b'%099d\\n' % i for i in range(first, first + count))\n"
           "    while data: data = data[os.write(1, data):]\n"
           "def note(name):\n"
           "    open(place + name, 'w').close()\n";
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
  bool wait_for_file(const std::string& name) const {
    return wait_until([&] { return exists(name); }, kLongPatience);
  }
  static std::uint64_t size_of(const std::string& file) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
  }
  static std::string content_of(const std::string& file) {
    std::string text(size_of(file), '\0');
    std::ifstream(file, std::ios::binary).read(text.data(), static_cast<std::streamsize>(text.size()));
    return text;
  }
  void limit_files_of_holder(rlim_t bytes) const {
    rlimit limit{};
    const pid_t process = holder();
    ASSERT_NE(process, 0);
    ASSERT_EQ(prlimit(process, RLIMIT_FSIZE, nullptr, &limit), 0);
    limit.rlim_cur = bytes;  // the hard limit stays, so that this can be taken back
    ASSERT_EQ(prlimit(process, RLIMIT_FSIZE, &limit, nullptr), 0);
  }
  // The number before `after` in `text`; 0 if there is none.
  static std::uint64_t number_before(const std::string& text, const std::string& after) {
    std::size_t at = text.find(after);
    if (at == std::string::npos) return 0;
    while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') --at;
    return std::strtoull(text.c_str() + at, nullptr, 10);
  }
};

TEST_F(SupervisorOutput, a_removed_log_file_is_begun_anew_without_a_lost_byte) {
  const std::string log = path("web.log");
  configure(python("web",
                   preamble() + "i = 0\n"
                                "while not os.path.exists(place + 'go'):\n"
                                "    lines(i, 10)\n"
                                "    i += 10\n"
                                "    time.sleep(0.001)\n"
                                "open(place + 'count.new', 'w').write(str(i))\n"
                                "os.rename(place + 'count.new', place + 'count')\n"
                                "os._exit(42)\n",
                   "restart: never, output: {events: false, file: " + log + "}"));
  run();
  std::string all;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(wait_until([&] { return size_of(log) > 5'000; }, kLongPatience)) << round;
    std::ifstream removed(log, std::ios::binary);
    std::filesystem::remove(log);
    ASSERT_TRUE(wait_until([&] { return size_of(log) > 0; }, kLongPatience)) << "written to a file without a name";
    all.append(std::istreambuf_iterator<char>(removed), {});
  }
  write_file(path("go"), "");
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(note("web"), HasSubstr("exited with code 42"));
  all += content_of(log);
  EXPECT_TRUE(all == lines(0, std::atoi(read_file(path("count")).c_str()))) << all.size();
}

TEST_F(SupervisorOutput, a_full_disk_costs_a_file_what_is_said_and_the_program_no_time) {
  constexpr int kFirst = 30'000, kSecond = 1'000;
  const std::string log = path("web.log");
  configure(python("web",
                   preamble() + "wait_for('full')\nlines(0, " + std::to_string(kFirst) +
                       ")\nnote('written')\nwait_for('room')\nlines(" + std::to_string(kFirst) + ", " +
                       std::to_string(kSecond) + ")\nos._exit(42)\n",
                   "restart: never, output: {events: false, file: " + log + "}"));
  run();
  ASSERT_TRUE(wait_up("web"));
  limit_files_of_holder(kRoom);
  write_file(path("full"), "");
  ASSERT_TRUE(wait_for_file("written")) << "the program waits for the disk";
  ASSERT_TRUE(daemon->wait_for_err("does not take it")) << daemon->err();
  limit_files_of_holder(RLIM_INFINITY);
  write_file(path("room"), "");
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(note("web"), HasSubstr("exited with code 42"));
  ASSERT_TRUE(daemon->wait_for_err(" bytes were lost there")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("takes it again"));
  EXPECT_THAT(daemon->err(), HasSubstr("EFBIG"));
  const std::uint64_t lost = number_before(daemon->err(), " bytes were lost there");
  const std::string whole = lines(0, kFirst + kSecond);
  ASSERT_GT(lost, 0U);
  ASSERT_LE(kRoom + lost, whole.size());
  EXPECT_TRUE(content_of(log) == whole.substr(0, kRoom) + whole.substr(kRoom + lost)) << lost;
}

TEST_F(SupervisorOutput, what_a_file_has_lost_is_said_to_the_next_daemon) {
  constexpr int kLines = 30'000;
  const std::string log = path("web.log");
  configure(python("web", preamble() + "wait_for('full')\nlines(0, " + std::to_string(kLines) + ")\nos._exit(42)\n",
                   "restart: never, output: {events: false, file: " + log + "}"));
  run();
  ASSERT_TRUE(wait_up("web"));
  daemon->kill9();
  limit_files_of_holder(kRoom);
  write_file(path("full"), "");
  ASSERT_TRUE(wait_until([&] { return marked().empty(); }, kLongPatience)) << "the program waits for the disk";
  run();
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(note("web"), HasSubstr("exited with code 42"));
  ASSERT_TRUE(daemon->wait_for_err(" bytes were lost there")) << daemon->err();
  const std::string whole = lines(0, kLines);
  EXPECT_EQ(number_before(daemon->err(), " bytes were lost there"), whole.size() - kRoom);
  EXPECT_TRUE(content_of(log) == whole.substr(0, kRoom));
}

TEST_F(SupervisorOutput, a_full_disk_while_no_daemon_reads_is_a_gap_with_its_size) {
  constexpr int kLines = 60'000;
  configure(python("web", preamble() + "wait_for('full')\nlines(0, " + std::to_string(kLines) + ")\nos._exit(42)\n",
                   "restart: never"),
            "routes:\n  out: {from: jobs, to: file}\n", "", "  file: {type: event_file, path: " + path("out") + "}\n");
  run();
  ASSERT_TRUE(wait_up("web"));
  daemon->kill9();
  limit_files_of_holder(kRoom);
  write_file(path("full"), "");
  ASSERT_TRUE(wait_until([&] { return marked().empty(); }, kLongPatience)) << "the program waits for the disk";
  run();
  // Every byte is in a line or in a gap; a line that a gap cuts in two has no end of its own.
  std::uint64_t told = 0, dropped = 0, gaps = 0;
  const auto count = [&] {
    told = dropped = gaps = 0;
    std::istringstream events(read_file(path("out")));
    for (std::string line; std::getline(events, line);) {
      if (line.find("name=picket.program.output_gap") != std::string::npos) {
        ++gaps;
        dropped += number_before(line, " bytes of its output were dropped");
      } else if (const std::size_t at = line.find(" message="); at != std::string::npos && line.starts_with("log ")) {
        told += line.find(' ', at + 1) - at - 9 + 1;
      }
    }
    return told + dropped >= kLines * 100ULL;
  };
  EXPECT_TRUE(wait_until(count, kLongPatience)) << told << " told, " << dropped << " dropped";
  EXPECT_GT(gaps, 0U);
  EXPECT_GT(dropped, 0U);
  EXPECT_LE(told + dropped, kLines * 100ULL + gaps);
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(note("web"), HasSubstr("exited with code 42"));
}

TEST_F(SupervisorOutput, a_subscriber_that_sleeps_gets_everything_or_hears_how_much_it_missed) {
  constexpr int kLines = 150'000;  // 15 MB, more than waits for anybody
  configure(python("web", preamble() +
                              "while not os.path.exists(place + 'go'):\n"
                              "    os.write(1, b'tick\\n')\n"
                              "    time.sleep(0.01)\n"
                              "for i in range(0, " +
                              std::to_string(kLines) +
                              ", 1000): lines(i, 1000)\n"
                              "note('written')\n"
                              "wait_for('awake')\n"
                              "while True:\n"
                              "    os.write(1, b'tock\\n')\n"
                              "    time.sleep(0.01)\n"));
  run();
  ASSERT_TRUE(wait_up("web"));
  Process tap({PICKET_PROGRAM, "tap", "--socket", path("s"), "--from", "jobs", "--where", "kind == \"log\"", "--format",
               "json"});
  ASSERT_TRUE(wait_until([&] { return tap.out().find("\"tick\"") != std::string::npos; }, kLongPatience)) << tap.err();
  tap.signal(SIGSTOP);
  write_file(path("go"), "");
  // The program has written everything, and the bus has handed on the last line, while the subscriber sleeps.
  ASSERT_TRUE(wait_for_file("written")) << "the program waits for a subscriber";
  const std::string last = lines(kLines - 1, 1).substr(0, 99);
  ASSERT_TRUE(wait_until([&] { return jobs({"logs", "web"}).out.find(last) != std::string::npos; }, kLongPatience));
  tap.signal(SIGCONT);
  // What comes before this is heard could be missed as well.
  ASSERT_TRUE(wait_until(
      [&] { return tap.err().find(" lost here") != std::string::npos || tap.out().find(last) != std::string::npos; },
      kLongPatience));
  write_file(path("awake"), "");
  ASSERT_TRUE(wait_until([&] { return tap.out().find("\"tock\"") != std::string::npos; }, kLongPatience)) << tap.err();
  tap.kill9();

  std::uint64_t heard = 0, missed = 0;
  int next = 0;
  std::istringstream events(tap.out());
  for (std::string line; std::getline(events, line);) {
    const std::size_t at = line.find("\"0000");
    if (at == std::string::npos) continue;
    const int number = std::atoi(line.c_str() + at + 1);
    EXPECT_GE(number, next);
    next = number + 1;
    ++heard;
  }
  std::istringstream gaps(tap.err());
  for (std::string line; std::getline(gaps, line);) missed += number_before(line, " events were lost here");
  EXPECT_GT(heard, 0U);
  EXPECT_EQ(heard + missed, static_cast<std::uint64_t>(kLines)) << heard << " lines, " << missed << " lost";
  EXPECT_TRUE(wait_up("web"));
}

}  // namespace
}  // namespace picket::integration
