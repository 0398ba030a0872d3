// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

// Shows each delivery to the test.
class Viewer : public Tracked<Viewer>, public Sink {
 public:
  using Tracked::Tracked;
  picket_status consume(const Delivery& delivery) override {
    see(delivery);
    return PICKET_OK;
  }
  std::function<void(const Delivery&)> see;
};

class EventsTest : public ::testing::Test {
 protected:
  EventsTest() { EXPECT_TRUE(host.start().ok()); }
  void see(const std::vector<Event>& events, std::function<void(const Delivery&)> look,
           std::optional<std::vector<std::uint32_t>> selection = {}, bool again = false) {
    bool seen = false;
    Viewer::last->see = [&](const Delivery& delivery) {
      seen = true;
      look(delivery);
    };
    host.deliver(events, std::move(selection), again);
    EXPECT_TRUE(seen);
  }

  FakeHost host{type_of<Viewer>()};
};

TEST_F(EventsTest, an_event_shows_its_parts) {
  see({{.kind = "log", .source = "web", .time_ns = 7, .severity = PICKET_SEVERITY_ERROR}},
      [&](const Delivery& delivery) {
        ASSERT_EQ(delivery.size(), 1U);
        const EventView event = delivery[0];
        EXPECT_EQ(Viewer::last->host().text(event.kind()), "log");
        EXPECT_EQ(Viewer::last->host().text(event.source()), "web");
        EXPECT_EQ(event.time_ns(), 7);
        EXPECT_NE(event.sequence(), 0U);
        EXPECT_EQ(event.severity(), Severity::error);
        EXPECT_EQ(event.size(), 0U);
      });
}

TEST_F(EventsTest, a_field_answers_for_its_own_type_only) {
  const Event event{.kind = "log",
                    .fields = {{"b", true},
                               {"d", 0.5},
                               {"i", std::int64_t{3}},
                               {"j", Json{"{}"}},
                               {"n", std::monostate()},
                               {"t", "text"},
                               {"y", Bytes{"\xFF"}}}};
  see({event}, [&](const Delivery& delivery) {
    const auto field = [&](const char* key) { return delivery[0].find(key).value(); };
    EXPECT_EQ(field("b").boolean(), true);
    EXPECT_EQ(field("b").integer(), std::nullopt);
    EXPECT_EQ(field("i").integer(), 3);
    EXPECT_EQ(field("i").number(), 3.0);
    EXPECT_EQ(field("d").number(), 0.5);
    EXPECT_EQ(field("d").integer(), std::nullopt);
    EXPECT_EQ(field("t").text(), "text");
    EXPECT_EQ(field("t").bytes(), std::nullopt);
    EXPECT_EQ(field("j").json(), "{}");
    EXPECT_EQ(field("y").bytes(), "\xFF");
    EXPECT_EQ(field("n").type(), PICKET_TYPE_NULL);
    EXPECT_EQ(field("n").text(), std::nullopt);
  });
}

TEST_F(EventsTest, fields_are_found_by_name_and_by_text) {
  see({{.kind = "log", .fields = {{"a", std::int64_t{1}}, {"b", std::int64_t{2}}}}}, [&](const Delivery& delivery) {
    EXPECT_EQ(delivery[0].find(Viewer::last->host().name("b"))->integer(), 2);
    EXPECT_EQ(delivery[0].find("a")->integer(), 1);
    EXPECT_FALSE(delivery[0].find("c"));
    std::string keys;
    for (const FieldView field : delivery[0]) keys += field.key();
    EXPECT_EQ(keys, "ab");
  });
}

TEST_F(EventsTest, a_key_that_travels_in_the_batch_is_found_by_text) {
  const Host view = Viewer::last->host();
  Batch batch(view, 1, 1, 32);
  batch.add(view.name("log")).set_untrusted("peer", 9);
  const EventView event(view, batch.c(), &batch.c()->events[0]);
  EXPECT_EQ(event[0].key(), "peer");
  EXPECT_EQ(event.find("peer")->integer(), 9);
}

TEST_F(EventsTest, only_selected_events_are_seen) {
  std::vector<Event> events(4, {.kind = "log"});
  for (int i = 0; i < 4; ++i) events[static_cast<std::size_t>(i)].time_ns = i + 1;
  std::vector<std::int64_t> times;
  see(
      events,
      [&](const Delivery& delivery) {
        for (const EventView event : delivery) times.push_back(event.time_ns());
      },
      std::vector<std::uint32_t>{1, 3});
  EXPECT_EQ(times, (std::vector<std::int64_t>{2, 4}));
}

TEST_F(EventsTest, an_empty_selection_is_empty_and_not_everything) {
  see(
      {{.kind = "log"}}, [](const Delivery& delivery) { EXPECT_TRUE(delivery.empty()); }, std::vector<std::uint32_t>{});
}

TEST_F(EventsTest, a_delivery_says_its_route_and_whether_it_is_repeated) {
  see(
      {{.kind = "log"}},
      [](const Delivery& delivery) {
        EXPECT_EQ(Viewer::last->host().text(delivery.route()), "route");
        EXPECT_TRUE(delivery.again());
        EXPECT_NE(delivery.ticket(), 0U);
      },
      {}, true);
  see({{.kind = "log"}}, [](const Delivery& delivery) { EXPECT_FALSE(delivery.again()); });
}

TEST(PlainEvent, asking_for_a_field_of_another_type_names_it) {
  const Event event{.kind = "log", .fields = {{"a", "text"}}};
  EXPECT_THROW(static_cast<void>(event.integer("a")), std::runtime_error);
  EXPECT_THROW(static_cast<void>(event.text("b")), std::runtime_error);
  std::ostringstream shown;
  shown << event;
  EXPECT_NE(shown.str().find("{a: \"text\"}"), std::string::npos) << shown.str();
}

}  // namespace
}  // namespace picket::testing
