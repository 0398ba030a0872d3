// SPDX-License-Identifier: Apache-2.0
//
// The verbs that talk to a running daemon, against one that the test plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands/exit_codes.hpp"
#include "commands/live_commands.hpp"
#include "commands/live_events.hpp"
#include "commands/live_status.hpp"
#include "fake_daemon.hpp"

namespace picket::commands {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = ClientJson;

class LiveVerbs : public testing::Test {
 protected:
  std::ostringstream out_, err_;
  const Surroundings surroundings_{
      out_, err_, {}, [](const std::string&) { return std::nullopt; }, platform::system_clock()};
  FakeDaemon daemon_;
};

// --- connecting
// -------------------------------------------------------------------------------------------------------

TEST_F(LiveVerbs, no_daemon_is_unavailable_and_says_what_to_do) {
  ClientOptions options;
  options.socket = "/nonexistent/picket.sock";
  const auto client = Client::connect(options, surroundings_);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().exit_code, kExitUnavailable);
  EXPECT_THAT(client.error().message, AllOf(HasSubstr("/nonexistent/picket.sock"), HasSubstr("picket run")));
}

TEST_F(LiveVerbs, another_version_is_said_and_tolerated) {
  daemon_.on("hello", [](const Json&) {
    return Json{{"result", {{"daemon", "picket"}, {"version", "9.9"}, {"protocol", 1}}}};
  });
  EXPECT_TRUE(Client::greet(daemon_.connect(), "test", err_).ok());
  EXPECT_THAT(err_.str(), HasSubstr("the daemon is version 9.9"));
}

TEST_F(LiveVerbs, another_protocol_is_refused_and_says_which_side_to_update) {
  daemon_.on("hello", [](const Json&) {
    return Json{{"result", {{"daemon", "picket"}, {"version", "9.9"}, {"protocol", 2}}}};
  });
  const auto client = Client::greet(daemon_.connect(), "test", err_);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().exit_code, kExitUnavailable);
  EXPECT_THAT(client.error().message, HasSubstr("update the program"));
}

TEST_F(LiveVerbs, what_is_no_daemon_is_told) {
  daemon_.on("hello", [](const Json&) { return Json{{"result", 5}}; });
  const auto client = Client::greet(daemon_.connect(), "test", err_);
  ASSERT_FALSE(client.ok());
  EXPECT_THAT(client.error().message, HasSubstr("no Picket daemon"));
}

TEST_F(LiveVerbs, missing_rights_have_an_exit_code_of_their_own) {
  daemon_.fail_command("picket", "stop", -32001, "this user has not the right to control");
  Client client = daemon_.client();
  EXPECT_EQ(stop({}, client, surroundings_), kExitPermission);
  EXPECT_THAT(err_.str(), HasSubstr("picket stop: this user has not the right to control"));
}

// --- status, top
// ------------------------------------------------------------------------------------------------------

Json good_status() {
  return Json::parse(R"({"version": "1.2", "generation": 3, "uptime_s": 90, "memory_bytes": 1048576,
    "instances": [{"name": "host", "type": "perf_collector", "state": "running", "starts": 1, "failures": 0,
                   "health": "good"}],
    "routes": [{"route": "r", "to": "history", "bytes": 2048,
                "ledger": {"in": 100, "filtered": 40, "delivered": 50, "dead": 1, "queued": 2, "in_flight": 3,
                           "dropped": {"full": 4, "removed": 1}}}]})");
}

TEST_F(LiveVerbs, status_shows_instances_and_ledgers) {
  daemon_.on_command("picket", "status", good_status());
  Client client = daemon_.client();
  EXPECT_EQ(status({}, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("picket 1.2, up 1m30s"), HasSubstr("perf_collector"), HasSubstr("history"),
                                Not(HasSubstr("Not well"))));
}

TEST_F(LiveVerbs, status_fails_when_something_is_not_well_and_says_what) {
  Json all = good_status();
  all["instances"].push_back({{"name", "siem"}, {"state", "failed"}, {"last_error", "no route to host\x1b"}});
  all["instances"].push_back(
      {{"name", "jobs"}, {"state", "running"}, {"health", "degraded"}, {"health_message", "2 of 3"}});
  all["last_reload_problem"] = "picket.yaml:1:1: wrong";
  daemon_.on_command("picket", "status", all);
  Client client = daemon_.client();
  EXPECT_EQ(status({}, client, surroundings_), kExitNotWell);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("siem is failed: no route to host\\u001b"), HasSubstr("jobs is degraded: 2 of 3"),
                    HasSubstr("the last reload was refused: picket.yaml:1:1"), Not(HasSubstr("\x1b"))));
  out_.str("");
  StatusOptions json;
  json.json = true;
  EXPECT_EQ(status(json, client, surroundings_), kExitNotWell);
  EXPECT_EQ(Json::parse(out_.str())["generation"], 3);
}

TEST_F(LiveVerbs, top_shows_rates_between_two_rounds) {
  Json all = good_status();
  daemon_.on_command("picket", "status", all);
  daemon_.on("counters", [](const Json&) {
    return Json::parse(R"({"result": {"counters": [{"instance": "host", "name": "ticks", "unit": "{tick}",
                           "instrument": "counter", "attributes": {}, "value": 7}]}})");
  });
  Client client = daemon_.client();
  TopOptions options;
  options.count = 2;
  int waits = 0;
  const auto wait = [&](std::int64_t ns) {
    EXPECT_EQ(ns, 1'000'000'000);
    all["routes"][0]["ledger"]["in"] = 1'000'000'000 + ++waits;
    daemon_.on_command("picket", "status", all);
  };
  EXPECT_EQ(top(options, client, surroundings_, wait), kExitOk);
  EXPECT_EQ(waits, 2);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("IN/S"), HasSubstr("ticks"), Not(HasSubstr("\x1b["))));
  out_.str("");
  options.json = true;
  options.count = 1;
  EXPECT_EQ(top(options, client, surroundings_, [](std::int64_t) {}), kExitOk);
  EXPECT_EQ(Json::parse(out_.str())["routes"][0]["queued"], 2);
  options.interval = "1ms";
  EXPECT_EQ(top(options, client, surroundings_, wait), kExitUsage);
}

// --- tap
// --------------------------------------------------------------------------------------------------------------

std::string event_notification(int sequence, const std::string& event) {
  return R"({"jsonrpc":"2.0","method":"event","params":{"subscription":1,"sequence":)" + std::to_string(sequence) +
         R"(,"event":)" + event + "}}";
}

TEST_F(LiveVerbs, tap_prints_events_and_says_what_was_lost) {
  daemon_.on("subscribe", [](const Json& params) {
    EXPECT_EQ(params["from"], Json({"host"}));
    EXPECT_EQ(params["where"], "true");
    return Json{{"result", {{"subscription", 1}}}};
  });
  const std::string event = R"({"time":"2026-12-01T10:00:00.000000001Z","sequence":1,"kind":"log","source":"host",)"
                            R"("severity":"warning","message":"two words\n","fields":{"a":1.0,"b":"x y"}})";
  daemon_.say_then_close({event_notification(1, event),
                          R"({"jsonrpc":"2.0","method":"gap","params":{"subscription":1,"sequence":6,"lost":5}})",
                          event_notification(7, event)});
  Client client = daemon_.client();
  TapOptions options;
  options.from = {"host"};
  options.where = "true";
  options.count = 2;
  EXPECT_EQ(tap(options, client, surroundings_), kExitOk);
  const std::string line = "2026-12-01T10:00:00.000000001Z WARNING host log two words\\n a=1.0 b=\"x y\"\n";
  EXPECT_EQ(out_.str(), line + line);
  EXPECT_THAT(err_.str(), HasSubstr("5 events were lost"));
}

TEST_F(LiveVerbs, tap_as_json_prints_each_event_as_it_came) {
  daemon_.on("subscribe", [](const Json&) { return Json{{"result", {{"subscription", 1}}}}; });
  const std::string event = R"({"time":"x","value":1.50,"fields":{"big":12345678901234567890}})";
  daemon_.say_then_close({event_notification(1, event)});
  Client client = daemon_.client();
  TapOptions options;
  options.format = "json";
  EXPECT_EQ(tap(options, client, surroundings_), kExitUnavailable) << "the daemon went away";
  EXPECT_EQ(out_.str(), event + "\n");
}

// --- send
// -------------------------------------------------------------------------------------------------------------

class SendVerb : public LiveVerbs {
 protected:
  SendVerb() {
    daemon_.on("publish", [this](const Json& params) {
      for (const Json& event : params["events"]) sent_.push_back(event);
      acks_ = acks_ || params["ack"] == true;
      return Json{{"result", {{"accepted", params["events"].size()}}}};
    });
  }
  int run(const SendOptions& options, const std::string& input = "") {
    Client client = daemon_.client();
    std::istringstream in(input);
    return send(options, client, in, surroundings_);
  }
  std::vector<Json> sent_;
  bool acks_ = false;
};

TEST_F(SendVerb, words_are_parts_and_fields) {
  SendOptions options;
  options.words = {"message=17", "severity=notice", "value=1.5", "a.b=true", "text=hello", "n=5", "empty=", "eq=a=b"};
  options.ack = true;
  EXPECT_EQ(run(options), kExitOk);
  EXPECT_TRUE(acks_);
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0], Json::parse(R"({"message": "17", "severity": "notice", "value": 1.5,
    "fields": {"a.b": true, "text": "hello", "n": 5, "empty": "", "eq": "a=b"}})"));
}

TEST_F(SendVerb, lines_are_messages_with_the_words_added) {
  SendOptions options;
  options.lines = true;
  options.words = {"app=shop"};
  EXPECT_EQ(run(options, "one\r\ntwo\n\nlast"), kExitOk);
  ASSERT_EQ(sent_.size(), 4U);
  EXPECT_EQ(sent_[0]["message"], "one");
  EXPECT_EQ(sent_[3]["fields"]["app"], "shop");
}

TEST_F(SendVerb, events_of_ndjson_win_over_the_words) {
  SendOptions options;
  options.ndjson = true;
  options.words = {"kind=log", "app=shop"};
  EXPECT_EQ(run(options, "{\"kind\":\"metric\",\"fields\":{\"x\":1}}\n\n{\"a\":1}\n"), kExitOk);
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[0], Json::parse(R"({"kind":"metric","fields":{"app":"shop","x":1}})"));
  EXPECT_EQ(run(options, "{}\nnonsense\n"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("line 2"));
}

TEST_F(SendVerb, wrong_words_are_wrong_use) {
  SendOptions options;
  EXPECT_EQ(run(options), kExitUsage);
  options.words = {"nonsense"};
  EXPECT_EQ(run(options), kExitUsage);
  options.words = {"a=1", "a=2"};
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_TRUE(sent_.empty());
}

TEST_F(SendVerb, many_events_go_in_few_requests_and_a_refusal_is_told) {
  SendOptions options;
  options.lines = true;
  std::string input;
  for (int i = 0; i < 5'000; ++i) input += "x\n";
  EXPECT_EQ(run(options, input), kExitOk);
  EXPECT_EQ(sent_.size(), 5'000U);
  EXPECT_LT(daemon_.requests().size(), 60U);
  daemon_.on("publish", [](const Json&) {
    return Json{{"error", {{"code", -32010}, {"message", "a destination dropped some of the events"}}}};
  });
  EXPECT_EQ(run(options, "x\n"), kExitNotWell);
  EXPECT_THAT(err_.str(), HasSubstr("dropped"));
}

// --- call, reload, stop, counters
// -------------------------------------------------------------------------------------

TEST_F(LiveVerbs, call_gives_texts_where_the_schema_wants_texts) {
  daemon_.on("commands", [](const Json&) {
    return Json::parse(R"({"result": [{"instance": "jobs", "command": "restart", "read_only": false, "summary": "Again",
      "args_schema": {"properties": {"program": {"type": "string"}, "n": {"type": "integer"}}, "required": ["program"]}}]})");
  });
  daemon_.on_command("jobs", "restart", Json{{"ok", true}});
  Client client = daemon_.client();
  CallOptions options;
  options.instance = "jobs";
  options.command = "restart";
  options.words = {"program=7", "n=7"};
  EXPECT_EQ(call(options, client, surroundings_), kExitOk);
  EXPECT_EQ(daemon_.last()["params"]["args"], Json::parse(R"({"program": "7", "n": 7})"));
  EXPECT_EQ(daemon_.last()["params"]["timeout"], 30'000'000'000);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(R"({"ok": true})"));
  out_.str("");
  options = {};
  options.list = true;
  EXPECT_EQ(call(options, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("control"), HasSubstr("program=text"), HasSubstr("n=integer?")));
}

TEST_F(LiveVerbs, call_needs_an_instance_and_a_sound_argument) {
  Client client = daemon_.client();
  CallOptions options;
  EXPECT_EQ(call(options, client, surroundings_), kExitUsage);
  options.instance = "a";
  options.command = "b";
  options.args = "[1]";
  EXPECT_EQ(call(options, client, surroundings_), kExitUsage);
  options.args = "{}";
  options.timeout = "soon";
  EXPECT_EQ(call(options, client, surroundings_), kExitUsage);
  options.timeout = "1s";
  EXPECT_EQ(call(options, client, surroundings_), kExitUnavailable);
}

TEST_F(LiveVerbs, a_refused_reload_is_a_wrong_configuration) {
  daemon_.on_command("picket", "reload", Json{{"generation", 2}});
  Client client = daemon_.client();
  EXPECT_EQ(reload({}, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("configuration 2 is in force"));
  daemon_.fail_command("picket", "reload", -32602, "the new configuration is refused");
  EXPECT_EQ(reload({}, client, surroundings_), kExitConfiguration);
}

TEST_F(LiveVerbs, stop_waits_for_the_end) {
  daemon_.on_command("picket", "stop", Json::object());
  daemon_.close_after_answer();
  Client client = daemon_.client();
  EXPECT_EQ(stop({}, client, surroundings_), kExitOk);
}

TEST_F(LiveVerbs, counters_as_a_table_json_and_a_page) {
  daemon_.on("counters", [](const Json&) {
    return Json::parse(R"({"result": {"counters": [
      {"instance": "door", "name": "open", "unit": "1", "instrument": "gauge", "attributes": {}, "value": 3},
      {"instance": "", "name": "took", "unit": "s", "instrument": "summary", "attributes": {"k": "v"},
       "value": {"count": 2, "sum": 1.0, "min": 0.1, "max": 0.9}}]}})");
  });
  daemon_.on("openmetrics", [](const Json&) { return Json{{"result", {{"text", "a 1\n# EOF\n"}}}}; });
  Client client = daemon_.client();
  CountersOptions options;
  EXPECT_EQ(counters(options, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("k=v"), HasSubstr("mean 500 ms")));
  out_.str("");
  options.openmetrics = true;
  EXPECT_EQ(counters(options, client, surroundings_), kExitOk);
  EXPECT_EQ(out_.str(), "a 1\n# EOF\n");
}

}  // namespace
}  // namespace picket::commands
