// SPDX-License-Identifier: Apache-2.0
//
// The sample service of the SDK, statement by statement: behind a door of the real daemon, with a journal of our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "harness/notify_socket.hpp"
#include "harness/site.hpp"

namespace picket::integration {
namespace {

using ::testing::HasSubstr;

// A client that has connected, and does nothing by itself.
class PipeClient {
 public:
  explicit PipeClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) leave();
  }
  PipeClient(const PipeClient&) = delete;
  PipeClient& operator=(const PipeClient&) = delete;
  ~PipeClient() { leave(); }
  void leave() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Everything up to the end of the connection.
  std::string rest() const {
    std::string text;
    std::array<char, 4096> buffer{};
    pollfd waiting{socket_, POLLIN, 0};
    while (::poll(&waiting, 1, 30'000) == 1) {
      const ssize_t count = ::read(socket_, buffer.data(), buffer.size());
      if (count <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text + " (and it stays open)";
  }

 private:
  int socket_;
};

class SampleService : public ::testing::Test {
 protected:
  SampleService() : journal(site.directory() / "journal") {
    site.configure("daemon: {os_log: {journal: \"" + (site.directory() / "journal").string() +
                   "\"}, metrics: {interval: 100ms}}\n"
                   "instances:\n"
                   "  sample: {type: sample_service}\n"
                   "  door: {type: pipe_server, listen: {path: \"" +
                   path() +
                   "\", protocol: message, handler: sample}}\n"
                   "  out: {type: event_file, path: \"" +
                   (site.directory() / "events").string() +
                   "\"}\n"
                   "routes:\n"
                   "  counters: {from: picket, where: instance == \"sample\", to: out}\n");
    daemon = site.run_until_ready();
  }

  std::string path() const { return (site.directory() / "s").string(); }
  Output client(const std::string& text) const {
    return run_to_end({"/bin/sh", "-c", "printf '" + text + "' | socat -t 5 - UNIX-CONNECT:" + path()});
  }
  // How many records hold this.
  int records(const std::string& text) {
    int count = 0;
    for (const std::string& record : journal.messages()) count += record.find(text) == std::string::npos ? 0 : 1;
    return count;
  }
  bool wait_for_record(const std::string& text, int times = 1) {
    return wait_until([&] { return records(text) >= times; });
  }
  // The last value of a counter that was published.
  bool wait_for_counter(const std::string& name, const std::string& value) {
    const std::string end = "picket.instance." + name + " ";
    return wait_until([&] {
      const Output found = run_to_end(
          {"/bin/sh", "-c",
           "grep 'picket.instance." + name + " ' " + (site.directory() / "events").string() + " | tail -n 1"});
      return found.out.find("value=" + value + " ") != std::string::npos ||
             found.out.find("value=" + value + "\n") != std::string::npos;
    });
  }

  Site site;
  NotifyReceiver journal;
  std::unique_ptr<Process> daemon;
};

TEST_F(SampleService, a_client_is_sent_back_what_it_said) {
  const Output output = client("Hi there\\n");
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_EQ(output.out, "You sent me: Hi there\n");
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(SampleService, a_connection_counts_before_anything_is_read_and_a_silent_one_too) {
  PipeClient silent(path());
  EXPECT_TRUE(wait_for_counter("connections", "1"));
  silent.leave();
  EXPECT_EQ(client("Hi\\n").exit_code, 0);
  EXPECT_TRUE(wait_for_counter("connections", "2"));
  EXPECT_TRUE(wait_for_counter("bytes", "2"));
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(records("bytes for client connection"), 1);
}

TEST_F(SampleService, bytes_and_a_record_come_with_each_answer) {
  EXPECT_EQ(client("Hi there\\n").exit_code, 0);
  EXPECT_TRUE(wait_for_record("Processed 8 bytes for client connection"));
  EXPECT_TRUE(wait_for_counter("bytes", "8"));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(SampleService, the_start_and_the_stop_are_recorded_with_the_number_of_clients) {
  EXPECT_TRUE(wait_for_record("The Sample service has started."));
  EXPECT_EQ(client("a\\n").exit_code, 0);
  EXPECT_EQ(client("b\\n").exit_code, 0);
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_TRUE(wait_for_record("The Sample service has stopped after processing 2 connections."));
  EXPECT_EQ(records("MESSAGE_ID=5e8b1c1d7f0a4c0d9a4e3c1b2d6f7a02"), 1);
}

TEST_F(SampleService, a_stop_lets_silent_clients_go_and_answers_those_that_have_asked) {
  const PipeClient silent(path());
  const PipeClient asking(path());
  asking.say("wait for me\n");
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(silent.rest(), "");
  EXPECT_EQ(asking.rest(), "You sent me: wait for me\n");
  EXPECT_TRUE(wait_for_record("after processing 2 connections."));
}

TEST_F(SampleService, its_restart_ends_conversations_and_new_clients_find_it_again) {
  const PipeClient before(path());
  EXPECT_TRUE(wait_for_counter("connections", "1"));
  const std::string changed = "daemon: {os_log: {journal: \"" + (site.directory() / "journal").string() +
                              "\"}}\ninstances:\n  other: {type: sample_service}\n"
                              "  door: {type: pipe_server, listen: {path: \"" +
                              path() + "\", protocol: message, handler: other}}\n";
  site.configure(changed);
  daemon->signal(SIGHUP);
  EXPECT_EQ(before.rest(), "");
  EXPECT_TRUE(wait_for_record("The Sample service has stopped after processing 1 connections."));
  EXPECT_TRUE(wait_until([&] { return client("Hi\\n").out == "You sent me: Hi\n"; }));
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration
