// SPDX-License-Identifier: Apache-2.0
//
// The graph: what it holds, small golden pictures, and where boxes stand.
#include "analysis/graph.hpp"

#include "analysis/graph_layout.hpp"
#include "fixture.hpp"

namespace picket::analysis {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class GraphTest : public AnalysisTest {
 protected:
  Graph graph(const std::vector<std::string>& instances, std::string_view routes, const GraphOptions& options = {}) {
    const config::Model model = load(instances, routes);
    return make_graph(model, find(model), options);
  }
  Graph small() {
    return graph({"host", "siem"}, R"(  trouble:
    from: [host, picket]
    where: severity >= warning
    to: [{instance: siem, on_full: drop_oldest}, {instance: host, command: wake, args: {who: "{source}"}}]
)");
  }
};

TEST_F(GraphTest, as_a_tree_of_text) {
  EXPECT_EQ(draw_text(small(), false), R"(host (any)
`- trouble
   |  where severity >= warning
   +- siem (any)  [drop_oldest]
   `- host.wake command {who: {source}}  [at most 10 in 1m]

picket (the daemon itself)
`- trouble (see above)
)");
  EXPECT_THAT(draw_text(small(), true), HasSubstr("└─ trouble\n   │  where severity >= warning\n   ├─ siem (any)"));
}

TEST_F(GraphTest, in_the_language_of_graphviz) {
  EXPECT_EQ(draw_dot(small()), R"(digraph picket {
  rankdir=LR;
  node [fontname="sans-serif", fontsize=11];
  edge [fontname="sans-serif", fontsize=9];
  b0 [label="host\nany", shape=box, style="rounded,filled", fillcolor="#dbeafe", color="#1d4ed8"];
  b1 [label="picket\nthe daemon itself", shape=box, style="rounded,filled", fillcolor="#e5e7eb", color="#4b5563"];
  b2 [label="siem\nany", shape=box, style="rounded,filled", fillcolor="#dcfce7", color="#15803d"];
  b3 [label="trouble\lwhere severity >= warning\l", shape=box, style=filled, fillcolor=white, fontsize=10, color="#9ca3af"];
  b4 [label="host.wake\nwho: {source}\n", shape=cds, style=filled, fillcolor="#fde7c7", color="#b45309"];
  b0 -> b3 [arrowhead=none];
  b1 -> b3 [arrowhead=none];
  b3 -> b2 [label="drop_oldest"];
  b3 -> b4 [label="at most 10 in 1m"];
}
)");
}

TEST_F(GraphTest, as_a_flowchart_of_mermaid) {
  EXPECT_THAT(draw_mermaid(small()), StartsWith(R"(flowchart LR
  b0("host<br>any"):::instance
  b1("picket<br>the daemon itself"):::daemon
  b2("siem<br>any"):::sink
  b3["trouble<br>where severity #gt;= warning"]:::route
  b4[/"host.wake<br>who: {source}"/]:::command
  b0 --- b3
  b1 --- b3
  b3 -->|"drop_oldest"| b2
  b3 -->|"at most 10 in 1m"| b4
  classDef instance )"));
}

TEST_F(GraphTest, as_a_picture_that_is_well_formed) {
  const std::string svg = draw_svg(small());
  EXPECT_THAT(svg, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_THAT(svg, AllOf(HasSubstr(">where severity &gt;= warning</text>"), HasSubstr("class=\"command\""),
                         HasSubstr(">drop_oldest</text>"), HasSubstr("class=\"daemon\""), Not(HasSubstr("nan")),
                         Not(HasSubstr("inf"))));
}

TEST_F(GraphTest, of_nothing_is_a_picture_too) {
  const Graph empty;
  EXPECT_THAT(draw_svg(empty), HasSubstr("</svg>"));
  EXPECT_EQ(draw_text(empty, true), "");
  EXPECT_THAT(draw_dot(empty), HasSubstr("digraph"));
}

TEST_F(GraphTest, findings_are_marked_where_they_are_and_listed) {
  const Graph marked = graph({"a", "b"}, "  never: {from: a, where: 1 > 2, to: b}\n");
  ASSERT_EQ(marked.notes.size(), 3U);
  for (const GraphBox& box : marked.boxes) EXPECT_EQ(box.notes.size(), 1U) << box.name;
  EXPECT_TRUE(marked.boxes.back().dead);
  EXPECT_THAT(draw_text(marked, false), AllOf(HasSubstr("never [brings nothing] !3"), HasSubstr("\n!3  "),
                                              HasSubstr("picket.yaml:5:27: route `never` never matches")));
  EXPECT_THAT(draw_dot(marked), AllOf(HasSubstr("never (3)"), HasSubstr("style=dashed"), HasSubstr("\\l(3) ")));
  EXPECT_THAT(draw_mermaid(marked), AllOf(HasSubstr("-.->"), HasSubstr(" noted\n"), HasSubstr("%% (3) ")));
  EXPECT_THAT(draw_svg(marked), AllOf(HasSubstr("class=\"route noted dead\""), HasSubstr("class=\"badge\"")));
}

TEST_F(GraphTest, a_way_back_is_marked) {
  const Graph round = graph({"a", "b", "c"}, "  ab: {from: a, to: [b, c]}\n  ba: {from: b, to: a}\n");
  std::size_t marked = 0;
  for (const GraphLine& line : round.lines) marked += line.cycle ? 1 : 0;
  EXPECT_EQ(marked, 4U) << "there and back, and not to c";
  EXPECT_THAT(draw_text(round, false), HasSubstr("(back)"));
}

TEST_F(GraphTest, hostile_texts_stay_texts) {
  const Graph odd = graph({"a", "b"}, R"(  r: {from: a, where: 'name == "<x>&\\" and name != "]`|"', to: b}
)");
  EXPECT_THAT(draw_svg(odd), AllOf(HasSubstr("&lt;x&gt;&amp;"), Not(HasSubstr("<x>"))));
  EXPECT_THAT(draw_dot(odd), HasSubstr(R"(\"<x>&\\\\\")"));
  EXPECT_THAT(draw_mermaid(odd), HasSubstr("#lt;x#gt;#amp;"));
}

TEST(GraphFold, breaks_at_blanks_and_cuts_what_is_too_much) {
  EXPECT_THAT(fold("one two three", 8, 9), ElementsAre("one two", "  three"));
  EXPECT_THAT(fold("onetwothree", 8, 9), ElementsAre("onetwoth", "  ree"));
  EXPECT_THAT(fold("a b c d e f g h i j k l", 8, 2), ElementsAre("a b c d", "  e f g h ..."));
  EXPECT_THAT(fold("ääääääää öö", 8, 9), ElementsAre("ääääääää", "  öö"));
  EXPECT_TRUE(fold("", 8, 9).empty());
}

// --- the layout ------------------------------------------------------------------------------------------------------

TEST(GraphLayout, puts_a_chain_into_columns_on_one_line) {
  const Layout layout = lay_out({{10, 10}, {20, 10}, {10, 10}}, {{0, 1, 0}, {1, 2, 0}}, {40, 18});
  EXPECT_EQ(layout.boxes[0].x, 0);
  EXPECT_EQ(layout.boxes[1].x, 50);
  EXPECT_EQ(layout.boxes[2].x, 110);
  EXPECT_EQ(layout.boxes[0].y, layout.boxes[2].y);
  EXPECT_EQ(layout.width, 120);
  EXPECT_EQ(layout.height, 10);
  EXPECT_EQ(layout.lines[0].front().x, 10);
  EXPECT_EQ(layout.lines[0].back().x, 50);
}

TEST(GraphLayout, makes_room_for_labels_and_uncrosses_lines) {
  const Layout layout = lay_out({{10, 10}, {10, 10}, {10, 10}, {10, 10}}, {{0, 3, 0}, {1, 2, 100}}, {40, 18});
  EXPECT_EQ(layout.boxes[2].x, 10 + 120);
  EXPECT_EQ(layout.boxes[0].y, layout.boxes[3].y);
  EXPECT_EQ(layout.boxes[1].y, layout.boxes[2].y);
}

TEST(GraphLayout, draws_ways_back_from_right_to_left) {
  const Layout layout = lay_out({{10, 10}, {10, 10}, {10, 10}}, {{0, 1, 0}, {1, 2, 0}, {2, 0, 0}});
  EXPECT_LT(layout.boxes[0].x, layout.boxes[2].x);
  EXPECT_GT(layout.lines[2].front().x, layout.lines[2].back().x);
}

TEST(GraphLayout, never_lets_boxes_overlap) {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutLine> lines;
  for (std::size_t i = 0; i < 60; ++i)
    boxes.push_back({20.0 + static_cast<double>(i % 7) * 9, 12.0 + static_cast<double>(i % 5) * 8});
  for (std::size_t i = 0; i < 120; ++i) {
    const std::size_t from = (i * 37) % 60;
    const std::size_t to = (i * 53 + 11) % 60;
    if (from != to) lines.push_back({from, to, static_cast<double>(i % 9)});
  }
  const Layout layout = lay_out(boxes, lines);
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    EXPECT_GE(layout.boxes[a].y, -0.001);
    for (std::size_t b = a + 1; b < boxes.size(); ++b) {
      const auto& p = layout.boxes[a];
      const auto& q = layout.boxes[b];
      const bool apart = p.x + p.width <= q.x + 0.001 || q.x + q.width <= p.x + 0.001 ||
                         p.y + p.height <= q.y + 0.001 || q.y + q.height <= p.y + 0.001;
      EXPECT_TRUE(apart) << a << " and " << b;
    }
  }
}

}  // namespace
}  // namespace picket::analysis
