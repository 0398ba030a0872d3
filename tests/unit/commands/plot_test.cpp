// SPDX-License-Identifier: Apache-2.0
//
// `picket plot`: whole charts of fixed data at a fixed size, as a terminal would show them, and as SVG.
#include "commands/plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "commands/exit_codes.hpp"
#include "fake_history.hpp"

namespace picket::commands {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using platform::kMinute;

class PlotTest : public ::testing::Test {
 protected:
  PlotTest() { around_.terminal = {.columns = 60, .rows = 16, .unicode = true, .braille = true}; }

  // One value a minute, in the hour before now; what is no number is left out.
  template <typename ValueOf>
  void add(const std::string& name, const std::string& attributes, const std::string& unit, ValueOf value_of) {
    std::vector<picket_history_point> points;
    for (int minute = 0; minute < 60; ++minute) {
      const double value = value_of(minute);
      const std::int64_t time = at("2026-06-03T09:00Z") + minute * kMinute;
      if (!std::isnan(value)) points.push_back({time, value * 0.8, value * 1.2, value, value, 6});
    }
    history_.add_gauge(name, attributes, unit, std::move(points));
  }
  void add_hill() {
    add("system.cpu.utilization", R"({"cpu.mode":"user"})", "1",
        [](int minute) { return minute >= 40 && minute < 50 ? std::nan("") : minute / 80.0; });
  }
  void add_two() {
    add("system.network.io", R"({"device":"eth0"})", "By", [](int minute) { return minute * 100.0; });
    add("system.network.io", R"({"device":"lo"})", "By", [](int minute) { return 6'000 - minute * 100.0; });
  }

  int run(PlotOptions options) {
    if (!options.question.step) options.question.step = "1m";
    return plot(options, history_, around_.get());
  }
  std::string drawn(const PlotOptions& options = {}) {
    EXPECT_EQ(run(options), kExitOk) << around_.err.str();
    return around_.out.str();
  }

  FakeHistory history_;
  FakeSurroundings around_{at("2026-06-03T10:00Z")};
};

TEST_F(PlotTest, one_series_is_a_line_with_its_band_and_a_hole_where_values_are_missing) {
  add_hill();
  EXPECT_EQ(drawn(), R"(system.cpu.utilization cpu.mode=user
100 % ┤
      │                                               ⢀⢀⢀⢀⠄⠄
      │                                            ⠄⢀⣀⣀⠤⠤⠤⠒⠂
      │                                ⠄⢄⢐         ⠉⠁⠅⠕⠐⠐⠐⠁⠁
 50 % ┤                     ⢀⢀ ⠄⢀⣀⣀⠤⠤⠔⠒⠒⠊⠉         ⠁
      │             ⢀⢀⢀⣀⣀⡠⠤⠒⠒⠒⠉⠉⠁⠑⠐⠐ ⠁⠁
      │     ⢀⣀⣀⠤⠤⠔⠒⠒⠉⠉⠉⠁⠁⠁⠁
  0 % ┤⠠⠒⠊⠉⠉⠁
      └┬─────────────────────────┬─────────────────────────┬
     09:00                     09:30                   10:00
                   LAST  MIN     MEAN     MAX
       ⠒⠒ mean  73.75 %  0 %  33.12 %  88.5 %

2026-06-03 09:00 to 10:00 UTC, means of 1m, shaded from min to max
)");
}

TEST_F(PlotTest, several_series_have_colours) {
  add_two();
  around_.terminal.colour = true;
  EXPECT_EQ(drawn(),
            "\x1b[1msystem.network.io by device\x1b[0m\n"
            "8 KiB \x1b[2m┤\x1b[0m\n"
            "      \x1b[2m│\x1b[0m\n"
            "      \x1b[2m│\x1b[0m\x1b[33m⠈⠉⠒⠒⠒⠢⠤⠤⣀⣀⣀⡀\x1b[0m                              \x1b[36m⣀⣀⣀⡠⠤⠤⠒⠒⠒⠊⠁\x1b[0m\n"
            "4 KiB \x1b[2m┤\x1b[0m           \x1b[33m⠈⠉⠉⠒⠒⠒⠢⠤⠤⣀⣀⣀\x1b[0m       \x1b[36m⢀⣀⣀⡠⠤⠤⠒⠒⠒⠊⠉⠉\x1b[0m\n"
            "      \x1b[2m│\x1b[0m                  \x1b[36m⢀⣀⣀⠤⠤\x1b[0m\x1b[33m⠭⠝⠛⠓⠛⠛⠭⠥⠤⢄⣀⣀\x1b[0m\n"
            "      \x1b[2m│\x1b[0m      \x1b[36m⣀⣀⣀⡠⠤⠤⠔⠒⠒⠒⠉⠉⠁\x1b[0m                \x1b[33m⠉⠉⠑⠒⠒⠒⠤⠤⠤⣀⣀⣀⡀\x1b[0m\n"
            "  0 B \x1b[2m┤\x1b[0m\x1b[36m⠠⠒⠒⠊⠉⠉\x1b[0m                                         \x1b[33m⠈⠉⠉⠒⠒⠂\x1b[0m\n"
            "      \x1b[2m└┬─────────────────────────┬─────────────────────────┬\x1b[0m\n"
            "     09:00                     09:30                   10:00\n"
            "              \x1b[2m       LAST   MIN       MEAN        MAX\x1b[0m\n"
            "       \x1b[36m⠒⠒\x1b[0m eth0  5.762 KiB   0 B  2.881 KiB  6.914 KiB\n"
            "       \x1b[33m⠒⠒\x1b[0m lo        100 B  80 B  2.979 KiB  7.031 KiB\n"
            "\n"
            "2026-06-03 09:00 to 10:00 UTC, means of 1m\n");
}

TEST_F(PlotTest, several_series_have_marks_where_there_are_no_colours) {
  add_two();
  EXPECT_EQ(drawn(), R"(system.network.io by device
8 KiB ┤
      │
      │○○○○○○○○○○○○                              ●●●●●●●●●●●
4 KiB ┤            ○○○○○○○○○○○        ●●●●●●●●●●●
      │                   ●●●●○○○○○○○○○○○○
      │       ●●●●●●●●●●●●                ○○○○○○○○○○○○
  0 B ┤●●●●●●●                                        ○○○○○○
      └┬─────────────────────────┬─────────────────────────┬
     09:00                     09:30                   10:00
                     LAST   MIN       MEAN        MAX
       ●  eth0  5.762 KiB   0 B  2.881 KiB  6.914 KiB
       ○  lo        100 B  80 B  2.979 KiB  7.031 KiB

2026-06-03 09:00 to 10:00 UTC, means of 1m
)");
}

TEST_F(PlotTest, a_terminal_without_unicode_gets_ascii) {
  add_hill();
  around_.terminal.unicode = around_.terminal.braille = false;
  const std::string text = drawn();
  EXPECT_EQ(text, R"(system.cpu.utilization cpu.mode=user
100 % +
      |                                              :::::::
      |                                            ::*******
      |                              :::::         **:::::::
 50 % +                     :::::*********         :
      |             :::**********::::::
      |     :**********::::
  0 % +******::
      ++-------------------------+-------------------------+
     09:00                     09:30                   10:00
                   LAST  MIN     MEAN     MAX
       *  mean  73.75 %  0 %  33.12 %  88.5 %

2026-06-03 09:00 to 10:00 UTC, means of 1m, shaded from min to max
)");
  for (const char c : text) ASSERT_TRUE(static_cast<unsigned char>(c) < 0x80);
}

TEST_F(PlotTest, a_font_without_braille_gets_blocks) {
  add_hill();
  around_.terminal.braille = false;
  EXPECT_THAT(drawn(),
              AllOf(HasSubstr("\u2580"), HasSubstr("\u2591"), Not(HasSubstr("\xe2\xa0")), Not(HasSubstr("\xe2\xa1"))));
}

TEST_F(PlotTest, the_band_can_be_left_away) {
  add_hill();
  around_.terminal.unicode = around_.terminal.braille = false;
  EXPECT_THAT(drawn({.band = false}), Not(HasSubstr(":::")));
}

TEST_F(PlotTest, different_units_are_charts_of_their_own_below_or_beside_each_other) {
  add_hill();
  add_two();
  around_.terminal.rows = 30;
  const std::string below = drawn();
  EXPECT_THAT(below, HasSubstr("\nsystem.network.io by device\n"));
  around_.terminal.columns = 160;
  EXPECT_THAT(drawn(), ::testing::ContainsRegex("system.cpu.utilization cpu.mode=user +system.network.io by device\n"));
}

TEST_F(PlotTest, no_line_is_wider_than_the_terminal) {
  add_hill();
  add_two();
  for (const int columns : {30, 47, 80, 155, 200}) {
    around_.terminal.columns = columns;
    std::istringstream lines(drawn());
    for (std::string line; std::getline(lines, line);) {
      const auto width = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
      if (line.starts_with("2026-")) continue;  // the caption wraps
      ASSERT_LE(width, columns) << line;
    }
  }
}

TEST_F(PlotTest, fits_the_height_of_the_terminal) {
  add_hill();
  for (const int rows : {12, 16, 24}) {
    around_.terminal.rows = rows;
    const std::string text = drawn();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), rows - 1) << rows;
  }
}

TEST_F(PlotTest, many_series_of_a_unit_get_a_chart_for_each_name_and_the_rest_is_counted) {
  for (int i = 0; i < 10; ++i) add("m", R"({"n":)" + std::to_string(i) + "}", "", [&](int) { return i; });
  add("other", "{}", "", [](int) { return 1; });
  const std::string text = drawn();
  EXPECT_THAT(text, HasSubstr("and 2 more, not drawn"));
  EXPECT_THAT(text, HasSubstr("\nother\n"));
}

TEST_F(PlotTest, an_earlier_time_is_a_second_line) {
  add("m", "{}", "", [](int minute) { return minute < 30 ? 1 : 2; });
  const std::string text = drawn({.question = {.range = {.last = "30m"}, .compare = "30m"}});
  EXPECT_THAT(text, ::testing::ContainsRegex("now +2 +"));
  EXPECT_THAT(text, ::testing::ContainsRegex("30m before +1 +"));
  EXPECT_THAT(text, HasSubstr("compared with 30m before\n"));
}

TEST_F(PlotTest, what_cannot_be_drawn_is_said) {
  history_.add_gauge("odd", "{}", "", {sample(at("2026-06-03T09:30Z"), std::numeric_limits<double>::infinity())});
  EXPECT_EQ(run({}), kExitNotWell);
  EXPECT_THAT(around_.err.str(), HasSubstr("none of the values is a number that can be drawn"));
  EXPECT_EQ(run({.question = {.names = {"none"}}}), kExitNotWell);
  EXPECT_THAT(around_.err.str(), HasSubstr("picket plot: no series matches"));
}

TEST_F(PlotTest, wrong_sizes_and_styles_are_usage_errors) {
  add_hill();
  EXPECT_EQ(run({.width = 10}), kExitUsage);
  EXPECT_EQ(around_.err.str(), "picket plot: --width 10: expected 30 to 1000\n");
  EXPECT_EQ(run({.height = 3}), kExitUsage);
  EXPECT_EQ(run({.style = "pretty"}), kExitUsage);
  EXPECT_EQ(around_.err.str(), "picket plot: --style pretty: expected braille, block or ascii\n");
  EXPECT_EQ(run({.svg_format = true, .width = 20}), kExitUsage);
}

TEST_F(PlotTest, svg_is_a_document_that_needs_nothing_else) {
  add_hill();
  const std::string svg = drawn({.question = {.step = "10m"}, .svg_format = true, .width = 300, .height = 90});
  EXPECT_THAT(svg, ::testing::StartsWith(
                       R"(<svg xmlns="http://www.w3.org/2000/svg" width="300" height="238" viewBox="0 0 300 238" )"
                       R"(role="img" aria-labelledby="title description")"));
  EXPECT_THAT(svg, AllOf(HasSubstr("<title id=\"title\">system.cpu.utilization cpu.mode=user</title>"),
                         HasSubstr("mean LAST 73.75 %, MIN 0 %, MEAN 33.12 %, MAX 88.5 %.</desc>"),
                         HasSubstr("@media (prefers-color-scheme:dark)"), Not(HasSubstr("href"))));
  EXPECT_EQ(svg.substr(svg.find("<g>")), R"(<g>
<text x="16" y="32" class="title">system.cpu.utilization cpu.mode=user</text>
<line class="grid" x1="58" y1="138" x2="284" y2="138"/>
<text x="50" y="142" class="quiet" text-anchor="end">0 %</text>
<line class="grid" x1="58" y1="93" x2="284" y2="93"/>
<text x="50" y="97" class="quiet" text-anchor="end">50 %</text>
<line class="grid" x1="58" y1="48" x2="284" y2="48"/>
<text x="50" y="52" class="quiet" text-anchor="end">100 %</text>
<line class="axis" x1="58" y1="138" x2="284" y2="138"/>
<line class="axis" x1="58" y1="138" x2="58" y2="143"/>
<text x="58" y="157" class="quiet" text-anchor="middle">09:00</text>
<line class="axis" x1="284" y1="138" x2="284" y2="143"/>
<text x="275" y="157" class="quiet" text-anchor="middle">10:00</text>
<path class="band f0" d="M76.8 125.8L114.5 112.4L152.2 98.8L189.8 85.3L265.2 58.4L265.2 93L189.8 111L152.2 120L114.5 129L76.8 138Z"><title>from minimum to maximum</title></path>
<path class="line s0" d="M76.8 132.9L114.5 121.7L152.2 110.4L189.8 99.2L265.2 76.7"><title>mean</title></path>
<text x="121.2" y="180" class="quiet" text-anchor="end">LAST</text>
<text x="159.6" y="180" class="quiet" text-anchor="end">MIN</text>
<text x="225.2" y="180" class="quiet" text-anchor="end">MEAN</text>
<text x="284" y="180" class="quiet" text-anchor="end">MAX</text>
<path class="line s0" d="M58 194h20"/>
<text x="86" y="198">mean</text>
<text x="121.2" y="198" text-anchor="end">73.75 %</text>
<text x="159.6" y="198" text-anchor="end">0 %</text>
<text x="225.2" y="198" text-anchor="end">33.12 %</text>
<text x="284" y="198" text-anchor="end">88.5 %</text>
</g>
<text x="16" y="224" class="quiet">2026-06-03 09:00 to 10:00 UTC, means of 10m, shaded from min to max</text>
</svg>
)");
}

TEST_F(PlotTest, svg_cannot_be_broken_by_what_a_label_holds) {
  add("m", R"({"a":"<script>&\"'\u0007"})", "", [](int minute) { return minute; });
  const std::string svg = drawn({.svg_format = true});
  EXPECT_THAT(svg,
              AllOf(HasSubstr("a=&lt;script&gt;&amp;&quot;'\\u0007"), Not(HasSubstr("<script")), Not(HasSubstr("\a"))));
}

TEST_F(PlotTest, svg_of_a_comparison_dashes_the_earlier_line) {
  add_two();
  const std::string svg = drawn({.question = {.range = {.last = "30m"}, .compare = "30m"}, .svg_format = true});
  EXPECT_THAT(svg, AllOf(HasSubstr("class=\"line earlier s0\""), HasSubstr("class=\"line earlier s1\""),
                         HasSubstr(">eth0 (30m before)<")));
}

TEST_F(PlotTest, svg_that_cannot_be_written_is_an_error_with_the_file_and_the_reason) {
  add_hill();
  EXPECT_EQ(run({.svg_file = "no/such/directory/chart.svg"}), kExitUnavailable);
  EXPECT_THAT(around_.err.str(), HasSubstr("picket plot: --svg no/such/directory/chart.svg: cannot be written: "));
}

}  // namespace
}  // namespace picket::commands
