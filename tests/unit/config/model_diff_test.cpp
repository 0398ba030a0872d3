// SPDX-License-Identifier: Apache-2.0
#include "config/model_diff.hpp"

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Diff : public ConfigTest {
 protected:
  Model model(const std::string& text) {
    Loaded loaded = load_text(text);
    EXPECT_TRUE(loaded.model) << loaded.diagnostics.render();
    return loaded.model.value_or(Model{});
  }
};

TEST_F(Diff, moving_lines_changes_nothing) {
  const Model before = model("instances: {a: {type: meter, size: 1kB}}\nroutes: {r: {from: a, to: a, where: x}}\n");
  const Model after = model(
      "# moved\nroutes:\n  r: {to: [a], from: [a], where: 'x'}\ninstances:\n  a:\n    size: 1000\n    type: meter\n");
  EXPECT_TRUE(diff(before, after).empty());
}

TEST_F(Diff, instances_are_added_removed_changed_and_replaced) {
  const Model before = model("instances: {a: {type: meter}, b: {type: meter}, c: {type: meter}, d: {type: meter}}\n");
  const Model after = model(
      "instances: {b: {type: meter, count: 2}, c: {type: store}, d: {type: meter, interval: 5s}, e: {type: meter}}\n");
  const ModelDiff all = diff(before, after);
  EXPECT_THAT(all.instances.added, ElementsAre("e"));
  EXPECT_THAT(all.instances.removed, ElementsAre("a"));
  EXPECT_THAT(all.instances.changed, ElementsAre("b", "c"));
  EXPECT_THAT(all.replaced, ElementsAre("c"));
  EXPECT_TRUE(all.routes.empty());
}

TEST_F(Diff, every_part_of_a_route_counts) {
  const std::string head = "instances: {a: {type: meter}, b: {type: store}}\nroutes: {same: {from: a, to: b}, r: ";
  const Model before = model(head + "{from: a, to: b}}\n");
  for (const char* route :
       {"{from: a.x, to: b}", "{from: [a, b], to: b}", "{from: a, to: a}", "{from: a, to: b, where: x}",
        "{from: a, to: b, on_full: drop_oldest}", "{from: a, to: b, queue: {events: 5}}"}) {
    const ModelDiff all = diff(before, model(head + route + "}\n"));
    EXPECT_THAT(all.routes.changed, ElementsAre("r")) << route;
    EXPECT_THAT(all.routes.added, IsEmpty());
    EXPECT_TRUE(all.instances.empty());
  }
}

TEST_F(Diff, every_setting_of_the_daemon_counts) {
  const Model before = model("");
  const Model after = model(
      "daemon: {log: {level: debug, format: json}, state_dir: x, plugin_dirs: [y], secrets_dir: z, stop_timeout: 1s, "
      "metrics: {interval: 1s}, threads: 1, reload: {health_deadline: 0s}, watch_config: true, watch_delay: 2s}\n");
  EXPECT_THAT(diff(before, after).daemon,
              ElementsAre("log.format", "log.level", "metrics.interval", "plugin_dirs", "reload.health_deadline",
                          "secrets_dir", "state_dir", "stop_timeout", "threads", "watch_config", "watch_delay"));
}

}  // namespace
}  // namespace picket::config
