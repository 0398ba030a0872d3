// SPDX-License-Identifier: Apache-2.0
//
// A jsonrpc session without a system: a loop that runs when the test says so, a connection that keeps what was sent,
// and the SDK's fake host behind both. Single thread.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <picket/plugin.hpp>
#include <picket/testing.hpp>
#include <string>
#include <vector>

#include "jsonrpc_session.hpp"
#include "loop.hpp"
#include "protocols.hpp"
#include "services.hpp"

namespace picket::pipe_server {

class FakeLoop final : public Loop {
 public:
  explicit FakeLoop(Host host) : host_(host) {}
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  void run(const Task& task) override { task(); }
  bool is_current() const override { return true; }
  TimerId call_after(std::int64_t delay_ns, Task task) override {
    timers_[++last_timer_] = {now_ns() + delay_ns, std::move(task)};
    return last_timer_;
  }
  void cancel(TimerId timer) override { timers_.erase(timer); }
  void at_end_of_round(Task task) override { ends_.push_back(std::move(task)); }
  std::int64_t now_ns() const override { return host_.monotonic().count(); }
  void stop() override {}

  // Everything that is due, until nothing is.
  void run_ready() {
    for (bool more = true; more;) {
      more = false;
      for (std::deque<Task> tasks = take(); !tasks.empty(); tasks = take()) {
        more = true;
        for (const Task& task : tasks) task();
      }
      for (auto timer = timers_.begin(); timer != timers_.end();) {
        if (timer->second.first > now_ns()) {
          ++timer;
          continue;
        }
        const Task task = std::move(timer->second.second);
        timers_.erase(timer);
        task();
        more = true;
        timer = timers_.begin();
      }
      for (const Task& task : std::exchange(ends_, {})) {
        task();
        more = true;
      }
    }
  }

 private:
  std::deque<Task> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(posted_, {});
  }
  Host host_;
  std::mutex mutex_;
  std::deque<Task> posted_;
  std::vector<Task> ends_;
  std::map<TimerId, std::pair<std::int64_t, Task>> timers_;
  TimerId last_timer_ = 0;
};

class FakeConnection final : public Connection {
 public:
  explicit FakeConnection(const ListenerSettings& of) : settings_(of) {}
  bool send(std::string_view data) override {
    if (closed) return false;
    sent.append(data);
    if (!reads) waiting += data.size();
    return true;
  }
  bool flush() override { return true; }
  std::size_t queued() const override { return waiting; }
  void hold(Hold why) override { holds |= static_cast<unsigned int>(why); }
  void release(Hold why) override { holds &= ~static_cast<unsigned int>(why); }
  bool held() const override { return holds != 0; }
  void close(CloseReason reason, bool /*after_output*/) override { closed = reason; }
  void drain() override {}
  const Peer& peer() const override { return who; }
  const ListenerSettings& settings() const override { return settings_; }
  std::uint64_t id() const override { return 1; }

  std::string sent;
  bool reads = true;  // the peer takes what it is sent
  std::size_t waiting = 0;
  unsigned int holds = 0;
  std::optional<CloseReason> closed;
  Peer who{0, 0, 4711};

 private:
  const ListenerSettings& settings_;
};

// The plugin that the fake host runs: only the publisher, and what it hears.
class BareDoor : public Plugin, public Source {
 public:
  BareDoor(Host host, const Config& /*config*/) : Plugin(host) { current() = this; }
  void start() override {}
  void stop() override { publisher.reset(); }
  void on_ready(Name /*port*/) override {
    if (publisher) publisher->on_ready();
  }
  void acknowledged(std::uint64_t token, picket_status status) override {
    if (publisher) publisher->acknowledged(token, status);
  }
  Host its_host() const { return host(); }
  static BareDoor*& current() {
    static BareDoor* door = nullptr;
    return door;
  }
  std::unique_ptr<Publisher> publisher;
};

inline constexpr picket_plugin_type kBareDoor = plugin_type<BareDoor>({"bare_door", "1", "of tests", "{}"});

class RpcTest : public ::testing::Test {
 protected:
  using Json = nlohmann::json;

  RpcTest() : host_(&kBareDoor) {
    EXPECT_TRUE(host_.start());
    door_plugin_ = BareDoor::current();
    loop_ = std::make_unique<FakeLoop>(door_plugin_->its_host());
    door_plugin_->publisher = std::make_unique<Publisher>(door_plugin_->its_host(), *loop_);
    traffic_ = std::make_unique<Traffic>(door_plugin_->its_host(), 100, 1 << 20);
    listener_.protocol = "jsonrpc";
  }
  ~RpcTest() override {
    session_.reset();
    protocol_.reset();
    services_.reset();
    door_plugin_->publisher.reset();
  }

  // Opens one, of the settings as they are now; the one before it goes.
  void open() {
    if (session_) session_->closed(CloseReason::gone);
    session_.reset();
    protocol_.reset();
    services_ = std::make_unique<Services>(door_plugin_->its_host(), *loop_, *door_plugin_->publisher, settings_);
    door_ = std::make_unique<Door>(
        Door{door_plugin_->its_host(), *loop_, *door_plugin_->publisher, *traffic_, settings_, services_.get()});
    protocol_ = make_jsonrpc(*door_, listener_);
    const Peer who = connection_ ? connection_->who : Peer{0, 0, 4711};
    connection_ = std::make_unique<FakeConnection>(listener_);
    connection_->who = who;
    session_ = protocol_->open(*connection_);
    session_->opened();
  }
  void open_as(std::int64_t uid, std::int64_t gid) {
    connection_ = std::make_unique<FakeConnection>(listener_);
    connection_->who = {uid, gid, 4711};
    open();
  }

  // The client sends this, and all that can happen happens.
  void say(const std::string& text) {
    if (!session_) open();
    std::string padded = text;
    padded.reserve(text.size() + Session::kPadding);
    session_->received(std::string_view(padded));
    loop_->run_ready();
  }
  void ask(const Json& request) { say(request.dump() + "\n"); }
  void ask(int id, const std::string& method, const Json& params = Json::object()) {
    ask({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  }
  // What came since the last time.
  std::vector<Json> heard() {
    std::vector<Json> lines;
    std::string text = std::exchange(connection_->sent, {});
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      lines.push_back(Json::parse(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    return lines;
  }
  Json heard_one() {
    const auto all = heard();
    EXPECT_EQ(all.size(), 1U) << Json(all).dump();
    return all.empty() ? Json() : all.front();
  }
  // Answers the oldest open call of the door.
  void reply(const std::string& json, picket_status status = PICKET_OK) {
    ASSERT_FALSE(host_.calls().empty());
    host_.answer_call(host_.calls().front().id, status, json);
    loop_->run_ready();
  }
  // The daemon's list of commands, which the door asks for before the first call.
  void know_commands() {
    ASSERT_EQ(host_.calls().front().command, "commands");
    reply(R"([{"instance":"picket","command":"status","read_only":true},
              {"instance":"jobs","command":"restart","read_only":false}])");
  }

  picket::testing::FakeHost host_;
  BareDoor* door_plugin_ = nullptr;
  std::unique_ptr<FakeLoop> loop_;
  std::unique_ptr<Traffic> traffic_;
  Settings settings_;
  ListenerSettings listener_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Protocol> protocol_;
  std::unique_ptr<FakeConnection> connection_;
  std::unique_ptr<Session> session_;
};

}  // namespace picket::pipe_server
