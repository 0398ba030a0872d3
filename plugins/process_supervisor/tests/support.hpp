// SPDX-License-Identifier: Apache-2.0
//
// The plugin on a fake host: programs do what the test says (picket/testing/processes.hpp), probes answer what the test
// says, and time is virtual.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <picket/testing.hpp>

#include "inbox.hpp"
#include "launch.hpp"
#include "process_supervisor.hpp"

namespace picket::process_supervisor {

using nlohmann::json;
using ::testing::HasSubstr;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

// What probes see, by target; a target that is not there never answers.
struct Scene {
  std::map<std::string, ProbeResult> seen;
  std::vector<ListedProcess> processes;
  int lists = 0;
};
inline Scene& scene() {
  static Scene the_scene;
  return the_scene;
}

class ScriptedProber : public Prober {
 public:
  explicit ScriptedProber(Host host) : inbox_(host) {}
  Probe begin(Check::Kind /*kind*/, const std::string& target, std::function<void(const ProbeResult&)> done) override {
    const Probe id = ++last_;
    waiting_[id] = std::move(done);
    if (scene().seen.contains(target)) {
      inbox_.post([this, id, result = scene().seen[target]] {
        const auto found = waiting_.find(id);
        if (found == waiting_.end()) return;
        const auto tell = std::move(found->second);
        waiting_.erase(found);
        tell(result);
      });
    }
    return id;
  }
  void cancel(Probe& probe) override { waiting_.erase(std::exchange(probe, 0)); }

 private:
  Probe last_ = 0;
  std::map<Probe, std::function<void(const ProbeResult&)>> waiting_;
  Inbox inbox_;
};

class TestSupervisor : public ProcessSupervisor {
 public:
  TestSupervisor(Host host, const Config& config)
      : ProcessSupervisor(host, config,
                          {[](Host of) { return std::make_unique<ScriptedProber>(of); },
                           [](bool) {
                             ++scene().lists;
                             return scene().processes;
                           },
                           [] { return std::uint64_t{7}; }}) {}
};

inline const picket_plugin_type kTestSupervisor =
    plugin_type<TestSupervisor>({"process_supervisor", "1", "test", R"({"type": "object"})"});

class Supervised : public ::testing::Test {
 protected:
  Supervised() { scene() = {}; }
  void TearDown() override {
    if (host == nullptr) return;
    host->destroy();
    EXPECT_EQ(host->live_batches(), 0);
    EXPECT_EQ(host->misuses(), std::vector<std::string>());
  }

  // `programs`: the object's members. `more`: further members of the settings.
  static std::string settings(const std::string& programs, const std::string& more = "") {
    return R"({"programs": {)" + programs + "}" + (more.empty() ? "" : ", " + more) + "}";
  }
  // One with these members besides its command.
  static std::string program(const std::string& name, const std::string& members = "") {
    return "\"" + name + R"(": {"command": ["/bin/)" + name + "\"]" + (members.empty() ? "" : ", " + members) + "}";
  }

  void make(const std::string& all) { host = std::make_unique<testing::FakeHost>(&kTestSupervisor, all); }
  void begin(const std::string& all) {
    if (host == nullptr) make(all);
    const auto started = host->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    settle();
  }
  // Lets everything happen that needs no time.
  void settle() {
    for (int i = 0; i < 12; ++i) host->advance(0s);
  }
  void run(std::chrono::nanoseconds duration) {
    host->advance(duration);
    settle();
  }
  testing::FakeProcesses& processes() { return host->processes(); }
  ProgramId id(const std::string& name) { return processes().program(name); }
  void exits(const std::string& name, int code) {
    processes().exits(id(name), code);
    settle();
  }
  void dies(const std::string& name, int signal, std::uint32_t flags = 0) {
    processes().dies(id(name), signal, flags);
    settle();
  }
  json ask(const std::string& command, const std::string& args) {
    const testing::Answer answer = host->execute(command, args);
    settle();
    EXPECT_EQ(answer.status, PICKET_OK) << answer.text;
    return json::parse(answer.text, nullptr, false);
  }
  void tell(const std::string& command, const std::string& name, const std::string& more = "") {
    ask(command, R"({"program": ")" + name + "\"" + (more.empty() ? "" : ", " + more) + "}");
  }
  json status(const std::string& name) { return ask("status", R"({"program": ")" + name + "\"}")["programs"][0]; }
  std::string state(const std::string& name) { return status(name)["state"]; }
  std::string note(const std::string& name) { return status(name)["note"]; }
  std::size_t starts(const std::string& name) { return processes().starts_of(name); }
  // "from>to" of every transition of a program that was told, oldest first.
  std::vector<std::string> transitions(const std::string& name) {
    std::vector<std::string> list;
    for (const testing::Event& event : told(name, "picket.program.state")) {
      list.push_back(event.text("from") + ">" + event.text("state"));
    }
    return list;
  }
  std::vector<testing::Event> told(const std::string& name, const std::string& what) {
    std::vector<testing::Event> list;
    for (const testing::Event& event : host->events()) {
      if (event.kind == "process" && event.text("name") == what && event.text("program") == name) list.push_back(event);
    }
    return list;
  }
  std::vector<testing::Event> exits_of(const std::string& name) { return told(name, "picket.program.exit"); }

  std::unique_ptr<testing::FakeHost> host;
};

using Texts = std::vector<std::string>;

}  // namespace picket::process_supervisor
