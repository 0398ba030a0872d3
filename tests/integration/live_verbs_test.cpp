// SPDX-License-Identifier: Apache-2.0
//
// The client verbs and a foreign client (socat) against the real daemon, through a pipe_server that speaks jsonrpc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kNoDaemon = 69;
constexpr int kWrongUse = 64;
constexpr int kRefusedConfiguration = 78;

class LiveDaemon : public testing::Test {
 protected:
  LiveDaemon() { configure(); }

  std::string socket() const { return (site.directory() / "s").string(); }
  void configure(const std::string& more = "") {
    site.configure(
        "daemon: {os_log: {journal: " + (site.directory() / "j").string() +
        ", syslog: " + (site.directory() / "l").string() + "}}\ninstances:\n" +
        "  door: {type: pipe_server, listen: {path: " + socket() +
        ", protocol: jsonrpc}, counters: {interval: 100ms}}\n"
        "  beat: {type: heartbeat, interval: 20ms}\n  history: {type: perf_database, commit_interval: 100ms}\n" +
        more + "routes:\n  r: {from: [door, beat], to: history}\n");
  }
  // `picket WORDS... --socket OURS`
  Output ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--socket", socket()});
    return run_picket(std::move(words));
  }
  json ask_json(std::vector<std::string> words) const {
    const Output output = ask(std::move(words));
    EXPECT_EQ(output.exit_code, 0) << output.err;
    return json::parse(output.out, nullptr, false);
  }
  // What socat hears for these lines.
  std::vector<json> socat(const std::string& lines) const {
    const auto file = site.directory() / "input";
    write_file(file, lines);
    const Output output = run_to_end(
        {"/bin/sh", "-c", std::string(PICKET_SOCAT) + " -t30 - UNIX-CONNECT:" + socket() + " < " + file.string()});
    std::vector<json> answers;
    std::istringstream text(output.out);
    for (std::string line; std::getline(text, line);) answers.push_back(json::parse(line, nullptr, false));
    return answers;
  }

  Site site;
};

TEST_F(LiveDaemon, status_finds_it_by_socket_environment_and_configuration) {
  EXPECT_EQ(ask({"status"}).exit_code, kNoDaemon);
  EXPECT_THAT(ask({"status"}).err, HasSubstr("no daemon answers at " + socket()));
  const auto daemon = site.run_until_ready();
  const Output by_option = ask({"status"});
  EXPECT_EQ(by_option.exit_code, 0) << by_option.err;
  EXPECT_THAT(by_option.out, AllOf(HasSubstr("pipe_server"), HasSubstr("history"), HasSubstr("DELIVERED")));
  EXPECT_EQ(run_picket({"status"}, {{"PICKET_SOCKET", socket()}}).exit_code, 0);
  const Output by_configuration = site.picket({"status", "--json"});
  EXPECT_EQ(by_configuration.exit_code, 0) << by_configuration.err;
  EXPECT_EQ(json::parse(by_configuration.out)["instances"].size(), 3U);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, status_fails_when_an_instance_does_not_run) {
  site.add_plugins(fixture_folder());
  configure("  odd: {type: refusing}\n");
  const auto daemon = site.run_until_ready();
  const Output output = ask({"status"});
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.out, AllOf(HasSubstr("Not well"), HasSubstr("odd is failed")));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, what_is_sent_is_stored_and_tapped) {
  const auto daemon = site.run_until_ready();
  Process tap({PICKET_PROGRAM, "tap", "--socket", socket(), "--from", "door", "--where", "kind == \"order\"", "--count",
               "3", "--format", "json"});
  // It has subscribed when what is sent arrives; until then some are sent in vain.
  const auto file = site.history() / "meta.db";
  ASSERT_TRUE(wait_until([&] {
    EXPECT_EQ(ask({"send", "--ack", "kind=order", "severity=notice", "message=hello world", "n=7"}).exit_code, 0);
    return count_of(tap.out(), "\n") >= 3;
  })) << tap.err();
  EXPECT_EQ(tap.wait_exit(), 0);
  const json event = json::parse(tap.out().substr(0, tap.out().find('\n')));
  EXPECT_EQ(event["kind"], "order");
  EXPECT_EQ(event["source"], "door");
  EXPECT_EQ(event["severity"], "notice");
  EXPECT_EQ(event["message"], "hello world");
  EXPECT_EQ(event["fields"]["n"], 7);
  EXPECT_NE(sqlite(file, "SELECT count(*) FROM events WHERE kind = 'order'"), "0") << "acknowledged is stored";
  EXPECT_EQ(ask({"tap", "--where", "severity >"}).exit_code, kWrongUse);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, commands_are_listed_and_called) {
  const auto daemon = site.run_until_ready();
  const json list = ask_json({"call", "--list", "--json"});
  bool has_status = false;
  for (const json& command : list)
    has_status = has_status || (command["instance"] == "picket" && command["command"] == "status");
  EXPECT_TRUE(has_status) << list.dump();
  EXPECT_TRUE(ask_json({"call", "picket", "counters"}).contains("door"));
  EXPECT_EQ(ask({"call", "picket", "counters", "nonsense=1"}).exit_code, kWrongUse);
  EXPECT_EQ(ask({"call", "picket", "explode"}).exit_code, kNoDaemon);
  EXPECT_EQ(ask({"call", "nobody", "status"}).exit_code, kNoDaemon);
  EXPECT_EQ(ask({"call", "picket", "flush"}).exit_code, 0);
  EXPECT_TRUE(daemon->wait_for_err("asked for call picket flush")) << "audited in the log, for there is no system log";
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, reload_and_stop) {
  const auto daemon = site.run_until_ready();
  configure("  more: {type: heartbeat, interval: 1h}\n");
  EXPECT_THAT(ask({"reload"}).out, HasSubstr("configuration 2 is in force"));
  site.configure("nonsense: 1\n");
  const Output refused = ask({"reload"});
  EXPECT_EQ(refused.exit_code, kRefusedConfiguration) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("picket.yaml:1:1"));
  EXPECT_EQ(ask({"status"}).exit_code, 1) << "the last reload was refused";
  const Output stopped = ask({"stop"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_EQ(daemon->wait_exit(), 0);
}

TEST_F(LiveDaemon, counters_of_a_shell_script_are_metrics_and_a_page) {
  const auto daemon = site.run_until_ready();
  const auto answers = socat(
      R"({"jsonrpc":"2.0","id":1,"method":"counter.add","params":{"name":"shop.orders","value":2,"help":"Orders"}})"
      "\n"
      R"({"jsonrpc":"2.0","id":2,"method":"counter.set","params":{"name":"shop.open","value":1}})"
      "\n"
      R"([{"jsonrpc":"2.0","id":3,"method":"hello"},{"jsonrpc":"2.0","id":4,"method":"helo"}])"
      "\n");
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[2].size(), 2U);
  EXPECT_THAT(ask({"counters"}).out, HasSubstr("shop.orders"));
  EXPECT_THAT(
      ask({"counters", "--openmetrics"}).out,
      AllOf(HasSubstr("# TYPE shop_orders counter\n# HELP shop_orders Orders\nshop_orders_total 2\n"),
            HasSubstr("picket_instance_connections_accepted_total{instance=\"door\"}"), testing::EndsWith("# EOF\n")));
  EXPECT_TRUE(wait_for_samples(site, "shop.orders", 2)) << "they are on the bus each interval";
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, top_prints_rounds_where_there_is_no_terminal) {
  const auto daemon = site.run_until_ready();
  const Output output = ask({"top", "--count", "1", "--interval", "100ms"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_THAT(output.out, AllOf(HasSubstr("DELIVERED/S"), HasSubstr("PER SECOND")));
  EXPECT_EQ(stop(*daemon), 0);
}

// A client that reads when the test says so.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : file_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(file_); }

  void say(const std::string& line) const {
    EXPECT_EQ(write(file_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  // The next line; empty when there is none in time.
  std::string read_line() {
    std::size_t end = text_.find('\n');
    while (end == std::string::npos) {
      std::array<char, 65'536> buffer{};
      const ssize_t count = read(file_, buffer.data(), buffer.size());
      if (count <= 0) return "";
      text_.append(buffer.data(), static_cast<std::size_t>(count));
      end = text_.find('\n');
    }
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }

 private:
  const int file_;
  std::string text_;
};

// Under load it sees exactly what it missed, and nobody else notices.
TEST_F(LiveDaemon, a_subscriber_that_does_not_read_has_gaps_that_count_exactly) {
  constexpr std::int64_t kEvents = 5'000;
  const auto daemon = site.run_until_ready();
  const auto lines = site.directory() / "events";
  std::string text;
  for (std::int64_t i = 0; i < kEvents; ++i) {
    text += R"({"kind":"load","fields":{"n":)" + std::to_string(i) + R"(,"pad":")" + std::string(200, 'x') + "\"}}\n";
  }
  write_file(lines, text);
  RawClient client(socket());
  client.say(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"where":"kind == \"load\" or kind == \"last\"",)"
             R"("queue":{"events":1000,"bytes":50000}}})"
             "\n");
  ASSERT_THAT(client.read_line(), HasSubstr("subscription"));
  const Output sent =
      run_to_end({"/bin/sh", "-c",
                  std::string(PICKET_PROGRAM) + " send --ndjson --ack --socket " + socket() + " < " + lines.string()},
                 {}, std::chrono::seconds(120));
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  ASSERT_EQ(ask({"send", "--ack", "kind=last"}).exit_code, 0);
  std::int64_t expected = 1;
  std::int64_t lost = 0;
  while (expected <= kEvents + 1) {
    const json message = json::parse(client.read_line(), nullptr, false);
    ASSERT_TRUE(message.is_object()) << "after " << expected;
    const json& params = message["params"];
    if (message["method"] == "gap") {
      expected += params["lost"].get<std::int64_t>();
      lost += params["lost"].get<std::int64_t>();
      ASSERT_EQ(params["sequence"], expected - 1);
      continue;
    }
    ASSERT_EQ(params["sequence"], expected++);
    if (params["event"]["kind"] == "last") continue;
    ASSERT_EQ(params["event"]["fields"]["n"], params["sequence"].get<std::int64_t>() - 1) << "the gaps are exact";
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(LiveDaemon, the_daemons_own_records_reach_the_systems_log) {
  // The journal's socket, played by socat, which writes what comes to a file.
  const auto journal = site.directory() / "j";
  const auto log = site.directory() / "journal.txt";
  Process reader({PICKET_SOCAT, "-u", "UNIX-RECV:" + journal.string(), "OPEN:" + log.string() + ",creat,append"});
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(journal); }));
  const auto daemon = site.run_until_ready();
  EXPECT_EQ(ask({"call", "picket", "flush"}).exit_code, 0);
  configure("  more: {type: heartbeat, interval: 1h}\n");
  EXPECT_EQ(ask({"reload"}).exit_code, 0);
  site.configure("nonsense: 1\n");
  EXPECT_EQ(ask({"reload"}).exit_code, kRefusedConfiguration);
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_TRUE(wait_until([&] { return read_file(log).find("has stopped") != std::string::npos; }));
  EXPECT_THAT(read_file(log),
              AllOf(HasSubstr("MESSAGE_ID=7019c8c1c5834a9ca78f25a2cb7d37cc"), HasSubstr("PICKET_AUDIT_COMMAND=flush"),
                    HasSubstr("MESSAGE_ID=bcb8a9b3393441549ba3649c67603d7b"),
                    HasSubstr("MESSAGE_ID=e6f2e48b32d844d587eb6cbad7f0c622"),
                    HasSubstr("MESSAGE_ID=ecdfe09c8d194b4f85f968749eb65202")));
}

}  // namespace
}  // namespace picket::integration
