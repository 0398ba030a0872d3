// SPDX-License-Identifier: Apache-2.0
#include "routing/commands/call_template.hpp"

#include <gtest/gtest.h>

#include "routing/commands/call_limit.hpp"
#include "routing/commands/outcome.hpp"

namespace picket::routing {
namespace {

class CallTemplates : public testing::Test {
 protected:
  CallTemplates() {
    picket_batch* const batch = batch_new(1, 8, 256);
    picket_event* const event = picket_batch_event(batch, names_.intern("alert"));
    event->source = names_.intern("host");
    picket_batch_text(batch, names_.intern("program"), picket_str_of("web \"1\"", 7));
    picket_batch_double(batch, names_.intern("value"), 0.25);
    picket_batch_int(batch, names_.intern("pid"), 42);
    picket_batch_bool(batch, names_.intern("ok"), 1);
    picket_batch_text(batch, names_.intern("bad"), picket_str_of("a\xff", 2));
    batch_ = BatchRef::adopt(batch);
  }

  std::string render(const std::string& args) {
    const auto made = CallTemplate::compile(args, names_);
    return made.ok() ? made->render(*batch_, batch_->events[0]) : "error: " + made.error().message;
  }

  Names names_;
  BatchRef batch_;
};

TEST_F(CallTemplates, a_text_that_is_one_expression_keeps_the_type_of_its_value) {
  EXPECT_EQ(render(R"({"a": "{program}", "b": "{value}", "c": "{pid}", "d": "{ok}", "e": "{nothing}"})"),
            R"({"a":"web \"1\"","b":0.25,"c":42,"d":true,"e":null})");
  EXPECT_EQ(render(R"({"a": "{pid + 1}"})"), R"({"a":43})");
}

TEST_F(CallTemplates, any_other_text_is_filled_in) {
  EXPECT_EQ(render(R"({"a": "pid {pid}", "b": "{value:.0%}", "c": " {pid}", "d": "{{pid}}"})"),
            R"({"a":"pid 42","b":"25%","c":" 42","d":"{pid}"})");
}

TEST_F(CallTemplates, objects_and_arrays_nest_and_constants_stay) {
  EXPECT_EQ(render(R"({"list": ["{pid}", 1, [], {"x": "{source}"}], "n": null, "t": true, "f": 1.5, "o": {}})"),
            R"({"list":[42,1,[],{"x":"host"}],"n":null,"t":true,"f":1.5,"o":{}})");
}

TEST_F(CallTemplates, bytes_that_are_no_utf8_are_replaced) {
  EXPECT_EQ(render(R"({"a": "{bad}"})"), "{\"a\":\"a\xEF\xBF\xBD\"}");
}

TEST_F(CallTemplates, a_mistake_names_its_place) {
  EXPECT_EQ(render(R"({"a": {"b": ["{pid"]}})").rfind("error: args.a.b.0: ", 0), 0U);
  EXPECT_EQ(render("[]"), "error: args: not an object");
}

TEST(CallLimits, let_a_burst_through_and_then_one_at_a_time) {
  CallLimit limit;
  limit.set(3, 30);
  EXPECT_TRUE(limit.take(0));
  EXPECT_TRUE(limit.take(0));
  EXPECT_TRUE(limit.take(0));
  EXPECT_FALSE(limit.take(9));
  EXPECT_TRUE(limit.take(10));
  EXPECT_FALSE(limit.take(19));
  EXPECT_TRUE(limit.take(100));
  EXPECT_TRUE(limit.take(100));
  EXPECT_TRUE(limit.take(100));
  EXPECT_FALSE(limit.take(100));
}

TEST(Outcomes, a_chain_holds_whole_links) {
  EXPECT_TRUE(chain_holds("a:x.y,b:x.z", "b:x.z"));
  EXPECT_FALSE(chain_holds("a:x.y,b:x.zz", "b:x.z"));
  EXPECT_FALSE(chain_holds("", "b:x.z"));
  EXPECT_EQ(call_link("r", "jobs", "a,b"), "r:jobs.a_b");
}

TEST(Outcomes, an_event_tells_what_happened_and_why) {
  Names names;
  CallOutcome outcome;
  outcome.route = "r";
  outcome.instance = "jobs";
  outcome.command = "restart";
  outcome.result = CallResult::failed;
  outcome.status = PICKET_DENIED;
  outcome.message = std::string(5'000, 'x');
  outcome.cause_sequence = 7;
  outcome.cause_source = "host";
  outcome.chain = "r:jobs.restart";
  const BatchRef batch = BatchRef::adopt(outcome_event(outcome, names));
  const picket_event& event = batch->events[0];
  EXPECT_EQ(event.severity, PICKET_SEVERITY_WARNING);
  const auto text = [&](const char* key) {
    const picket_field* const field = picket_batch_find(batch.get(), &event, names.find(key));
    if (field == nullptr) return std::string("(none)");
    const picket_str bytes = picket_batch_field_bytes(batch.get(), field);
    return std::string(bytes.data, bytes.length);
  };
  EXPECT_EQ(text("outcome"), "failed");
  EXPECT_EQ(text("status"), "denied");
  EXPECT_EQ(text("message").size(), 4'096U);
  EXPECT_EQ(text("cause.source"), "host");
  EXPECT_EQ(text("reply"), "(none)");
}

}  // namespace
}  // namespace picket::routing
