// SPDX-License-Identifier: Apache-2.0
//
// What a source was told is acknowledged comes to the sink, whatever kills the daemon in between: with the real
// program, real files and kill -9, of the daemon and of the program behind its sink. PICKET_SPOOL_KILL_ROUNDS says how
// many times (long runs ask for more than the suite does), PICKET_SPOOL_KILL_SEED with which choices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "harness/delivery_notes.hpp"
#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr unsigned kSpoolRounds = 8;
constexpr std::chrono::seconds kPatienceWithBacklog{300};  // a long run may leave a large one

class Spool : public testing::Test {
 protected:
  Spool() {
    site.add_plugins(fixture_folder());
    std::filesystem::create_directories(notes());
  }
  std::filesystem::path notes() const { return site.directory() / "notes"; }

  // `queue`: settings of the route; `keeper`: more of the sink's.
  void configure(const std::string& queue, const std::string& keeper = "") const {
    const std::string place = "directory: " + notes().string();
    site.configure(
        "daemon: {stop_timeout: 2s, metrics: {interval: 100ms}}\n"
        "instances:\n"
        "  numbers: {type: numbered, " +
        place + "}\n  keeper: {type: keeping, " + place + keeper +
        "}\n"
        "routes:\n"
        "  all: {from: numbers, to: keeper, " +
        queue + "}\n");
  }
  void set(const char* name, bool on) const {
    if (on) {
      write_file(notes() / name, "");
    } else {
      std::filesystem::remove(notes() / name);
    }
  }

  std::size_t acknowledged() { return delivered.acknowledged(); }
  // The numbers that were acknowledged and are not there.
  std::size_t missing() { return delivered.missing(); }
  void expect_first_offers_in_order() { EXPECT_EQ(delivered.disorder(), ""); }

  // The program behind the sink, listening.
  std::unique_ptr<Process> start_keeper() const {
    auto keeper = std::make_unique<Process>(std::vector<std::string>{
        (fixture_folder() / "keeper").string(), keeper_socket().string(), (notes() / "taken").string()});
    if (!wait_until([&] { return !keeper->out().empty(); })) throw std::runtime_error("keeper: " + keeper->err());
    return keeper;
  }
  std::filesystem::path keeper_socket() const { return notes() / "keeper"; }

  void kill_often(const std::string& queue) {
    configure(queue, ", peer: " + keeper_socket().string());
    const auto from_environment = [](const char* name, unsigned otherwise) {
      const char* const given = std::getenv(name);
      return given == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
    };
    const unsigned rounds = from_environment("PICKET_SPOOL_KILL_ROUNDS", kSpoolRounds);
    const unsigned seed = from_environment("PICKET_SPOOL_KILL_SEED", std::random_device{}());
    SCOPED_TRACE("PICKET_SPOOL_KILL_SEED=" + std::to_string(seed));
    std::mt19937 random(seed);
    const auto pause = [&](unsigned at_most_ms) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % at_most_ms));  // poll: a random moment
    };
    auto keeper = start_keeper();
    unsigned keepers_killed = 0;
    for (unsigned round = 0; round < rounds; ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      set("stall", random() % 3 == 0);
      const auto daemon = site.run();
      if (round % 2 == 0) {  // the others are killed during the start as well
        ASSERT_TRUE(daemon->wait_for_err("running")) << daemon->err();
      }
      pause(300);
      if (random() % 2 == 0) {
        keeper.reset();  // kills it
        ++keepers_killed;
        pause(200);
        if (random() % 2 == 0) keeper = start_keeper();  // else it is away when the daemon dies
      }
      if (random() % 3 == 0) set("stall", false);
      pause(200);
      daemon->kill9();
      EXPECT_EQ(daemon->err().find("set aside"), std::string::npos) << daemon->err();
      expect_first_offers_in_order();
      if (HasFailure()) return;
      if (!keeper) keeper = start_keeper();
    }
    set("stall", false);
    const auto daemon = site.run_until_ready();
    ASSERT_TRUE(wait_until([&] { return acknowledged() != 0; })) << daemon->err();
    set("quiet", true);
    EXPECT_TRUE(wait_until([&] { return missing() == 0; }, kPatienceWithBacklog)) << daemon->err();
    EXPECT_EQ(stop(*daemon), 0) << daemon->err();
    EXPECT_EQ(missing(), 0U);
    expect_first_offers_in_order();
    std::cout << queue << ": seed " << seed << ", " << rounds << " kills of the daemon, " << keepers_killed
              << " of the keeper, " << acknowledged() << " batches acknowledged, " << missing() << " events missing\n";
  }

  Site site;
  DeliveryNotes delivered{notes()};
};

TEST_F(Spool, nothing_acknowledged_is_lost_when_a_durable_route_is_killed_again_and_again) {
  kill_often("durable: true");
}

TEST_F(Spool, nothing_acknowledged_is_lost_when_a_route_that_spills_is_killed_again_and_again) {
  kill_often("on_full: spill, queue: {events: 200}");
}

TEST_F(Spool, a_backlog_can_be_looked_at_beside_the_daemon_and_handled_without_it) {
  configure("durable: true");
  set("stall", true);
  auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_until([&] { return acknowledged() >= 5; })) << daemon->err();
  set("quiet", true);  // else the verbs have more to read the longer they take
  const Output beside = site.picket({"spool", "list", "--json"});
  EXPECT_EQ(beside.exit_code, 0) << beside.err;
  const auto listed = nlohmann::json::parse(beside.out);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["route"], "all");
  EXPECT_EQ(listed[0]["destination"], "keeper");
  EXPECT_EQ(listed[0]["state"], "in use");
  EXPECT_GE(listed[0]["events"].get<int>(), 50);
  EXPECT_EQ(site.picket({"spool", "verify"}).exit_code, 0);
  EXPECT_EQ(site.picket({"spool", "retry", "all", "keeper"}).exit_code, 69);
  EXPECT_EQ(site.picket({"spool", "drop", "all", "keeper"}).exit_code, 69);
  daemon->kill9();

  const Output exported = site.picket({"spool", "export", "all", "keeper"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  std::istringstream lines(exported.out);
  std::size_t events = 0;
  for (std::string line; std::getline(lines, line); ++events) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_EQ(event["kind"], "log");
    EXPECT_GE(event["fields"]["number"].get<std::int64_t>(), 1'000'000'000);
  }
  EXPECT_GE(events, 50U);
  const Output dropped = site.picket({"spool", "drop", "all", "keeper"});
  EXPECT_EQ(dropped.exit_code, 0) << dropped.err;
  EXPECT_THAT(dropped.out, HasSubstr("dropped " + std::to_string(events) + " events"));
  EXPECT_THAT(site.picket({"spool", "list"}).out, HasSubstr("nothing is kept"));
}

TEST_F(Spool, dead_letters_can_be_offered_again) {
  configure("durable: true");
  set("refuse", true);
  auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_until([&] { return missing() >= 20; })) << daemon->err();
  set("quiet", true);
  ASSERT_TRUE(wait_until([&] {
    return nlohmann::json::parse(site.picket({"spool", "list", "--json"}).out)[0]["events"] == 0;
  })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  const std::size_t refused = missing();
  const Output exported = site.picket({"spool", "export", "all", "keeper", "--dead"});
  EXPECT_EQ(static_cast<std::size_t>(std::count(exported.out.begin(), exported.out.end(), '\n')), refused);
  const Output retried = site.picket({"spool", "retry", "all", "keeper", "--json"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(nlohmann::json::parse(retried.out)["events"], refused);
  set("refuse", false);
  daemon = site.run_until_ready();
  EXPECT_TRUE(wait_until([&] { return missing() == 0; })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Spool, letters_that_cannot_be_read_are_named) {
  configure("durable: true");
  const auto letters = site.state() / "dead" / "all" / "keeper" / "letters.jsonl";
  std::filesystem::create_directories(letters.parent_path());
  write_file(letters, "{\"event\": {\"kind\": \"log\"}}\n\xFF garbage\n{\"event\": 5}\n{\"event\": {\"kind\": 7}}\n");
  const Output exported = site.picket({"spool", "export", "all", "keeper", "--dead"});
  EXPECT_EQ(exported.exit_code, 1);
  EXPECT_THAT(exported.err, HasSubstr("`picket spool verify` names them"));
  const Output verified = site.picket({"spool", "verify"});
  EXPECT_EQ(verified.exit_code, 1);
  for (const char* line : {":2: ", ":3: ", ":4: "}) EXPECT_THAT(verified.out, HasSubstr(letters.string() + line));
  EXPECT_THAT(verified.out, Not(HasSubstr(letters.string() + ":1: ")));
}

TEST_F(Spool, a_name_for_which_nothing_is_kept_is_an_answer_of_its_own) {
  configure("durable: true");
  for (const char* verb : {"export", "drop", "retry"}) {
    const Output output = site.picket({"spool", verb, "al", "keeper"});
    EXPECT_EQ(output.exit_code, 69) << verb;
    EXPECT_THAT(output.err, HasSubstr("nothing is kept for al -> keeper below")) << verb;
  }
  EXPECT_EQ(site.picket({"spool", "export"}).exit_code, 0) << "all of nothing";
  EXPECT_THAT(site.picket({"spool", "verify"}).out, HasSubstr("nothing is kept below"));
}

TEST_F(Spool, a_spool_that_was_damaged_is_named_and_the_daemon_starts) {
  configure("durable: true");
  set("stall", true);
  auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_until([&] { return acknowledged() >= 5; })) << daemon->err();
  daemon->kill9();
  const auto folder = site.state() / "spool" / "all" / "keeper";
  for (const char* name : {"spool.db", "spool.db-wal"}) {
    std::fstream file(folder / name, std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(4'096, '?');
  }
  daemon = site.run_until_ready();
  EXPECT_TRUE(daemon->wait_for_err("the spool was damaged")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr((folder / "damaged" / "spool.db.1").string()));
  const std::size_t before = acknowledged();
  EXPECT_TRUE(wait_until([&] { return acknowledged() > before; })) << daemon->err();
  EXPECT_EQ(site.picket({"spool", "verify"}).exit_code, 1);
  EXPECT_EQ(stop(*daemon), 0);
}

// A limit on the size of files stands for a full disk: it needs no privileges and can be lifted from outside.
TEST_F(Spool, a_full_disk_holds_the_source_and_is_left_behind_when_there_is_room) {
  configure("durable: true, queue: {bytes: 256KiB}");
  set("stall", true);
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_until([&] { return acknowledged() >= 2; })) << daemon->err();
  rlimit limit{};
  ASSERT_EQ(prlimit(daemon->id(), RLIMIT_FSIZE, nullptr, &limit), 0);
  limit.rlim_cur = 65'536;
  ASSERT_EQ(prlimit(daemon->id(), RLIMIT_FSIZE, &limit, nullptr), 0);
  ASSERT_TRUE(daemon->wait_for_err("the spool fails")) << daemon->err();
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(prlimit(daemon->id(), RLIMIT_FSIZE, &limit, nullptr), 0);
  ASSERT_TRUE(daemon->wait_for_err("the spool works again")) << daemon->err();
  const std::size_t before = acknowledged();
  EXPECT_TRUE(wait_until([&] { return acknowledged() > before + 5; })) << daemon->err();
  set("stall", false);
  set("quiet", true);
  EXPECT_TRUE(wait_until([&] { return missing() == 0; })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
  expect_first_offers_in_order();
}

}  // namespace
}  // namespace picket::integration
