// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/message_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../expression/test_batch.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

class MessageTemplateTest : public ::testing::Test {
 protected:
  MessageTemplateTest() {
    batch.event("metric", "host", PICKET_SEVERITY_WARNING).at(1'700'000'000'123'456'789);
    batch.name("name", "memory").real("value", 0.9345).integer("bytes", 7'516'192'768).text("text", "a}b");
  }
  std::string render(std::string_view text) {
    const auto compiled = MessageTemplate::compile(text, names);
    if (!compiled) return std::to_string(compiled.error().offset) + ": " + compiled.error().message;
    return compiled.value().render(batch.raw(), batch.last());
  }
  static std::string format(double value, std::string_view how) {
    ValueFormat parsed;
    std::string out;
    if (!ValueFormat::parse(how, parsed)) return "no format";
    append_value(out, Value::real(value), parsed);
    return out;
  }

  Names names;
  TestBatch batch{names};
};

TEST_F(MessageTemplateTest, puts_values_where_the_braces_are) {
  EXPECT_EQ(render("plain"), "plain");
  EXPECT_EQ(render(""), "");
  EXPECT_EQ(render("{name} at {value:.0%} on {source}"), "memory at 93% on host");
  EXPECT_EQ(render("{{{name}}}"), "{memory}");
  EXPECT_EQ(render("{missing} {text} {value > 0.5} {bytes}"), "(none) a}b true 7516192768");
  EXPECT_EQ(render("{time:time}"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(render("{name:.2f}"), "memory") << "a text has no decimals";
}

TEST_F(MessageTemplateTest, quotes_hide_colons_and_braces) {
  EXPECT_EQ(render(R"({concat(name, ": }")})"), "memory: }");
  EXPECT_EQ(render(R"({concat("\"}", name):.1f}!)"), "\"}memory!");
  EXPECT_EQ(render(R"x({concat(r"\", ':')}.)x"), R"(\:.)");
  EXPECT_EQ(render("{`odd: }`}"), "(none)");
}

TEST_F(MessageTemplateTest, mistakes_are_found_at_their_place) {
  EXPECT_EQ(render("at {value"), "3: this brace is never closed; write `{{` for one brace");
  EXPECT_EQ(render("at } x"), "3: a brace that closes nothing; write `}}` for one brace");
  EXPECT_EQ(render("at {value:.2g}"), "10: no such format; there are .2f .0% .1si .1iec duration time");
  EXPECT_EQ(render("at {value:.16f}"), "10: no such format; there are .2f .0% .1si .1iec duration time");
  EXPECT_EQ(render("at {valu(1)}").substr(0, 3), "4: ");
  EXPECT_EQ(render("at {}").substr(0, 3), "4: ");
  EXPECT_EQ(render(std::string(4'097, 'x')), "4096: longer than 4096 bytes");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "{value}";
  EXPECT_EQ(render(many), "448: more than 64 expressions");
}

TEST_F(MessageTemplateTest, numbers_are_written_as_asked) {
  EXPECT_EQ(format(0.5, ".0f"), "0");  // halves to even, as the standard library rounds
  EXPECT_EQ(format(-2.345, ".1f"), "-2.3");
  EXPECT_EQ(format(0.1234, ".1%"), "12.3%");
  EXPECT_EQ(format(1.7976931348623157e308, ".15f").size(), 325U);
  EXPECT_EQ(format(999, ".1si"), "999");
  EXPECT_EQ(format(999.96, ".1si"), "1.0k") << "not 1000.0";
  EXPECT_EQ(format(1'500'000, ".1si"), "1.5M");
  EXPECT_EQ(format(-1'500, ".2si"), "-1.50k");
  EXPECT_EQ(format(7'516'192'768, ".1iec"), "7.0Gi");
  EXPECT_EQ(format(1e30, ".0iec"), "867361737988Ei");
  EXPECT_EQ(format(std::numeric_limits<double>::infinity(), ".1f"), "inf");
  for (const char* wrong : {"", "f", ".f", ".2", ".2x", "2f", ".-1f", "durations"})
    EXPECT_EQ(format(1, wrong), "no format") << wrong;
}

TEST_F(MessageTemplateTest, durations_show_their_two_largest_units) {
  EXPECT_EQ(format(0, "duration"), "0s");
  EXPECT_EQ(format(7, "duration"), "7ns");
  EXPECT_EQ(format(2'500, "duration"), "2us");
  EXPECT_EQ(format(250e6, "duration"), "250ms");
  EXPECT_EQ(format(1.56e9, "duration"), "1.5s");
  EXPECT_EQ(format(3e9, "duration"), "3s");
  EXPECT_EQ(format(42.9e9, "duration"), "42s");
  EXPECT_EQ(format(60e9, "duration"), "1m");
  EXPECT_EQ(format(-(3 * 3'600 + 5 * 60 + 9) * 1e9, "duration"), "-3h 5m");
  EXPECT_EQ(format(86'400e9 * 400 + 60e9, "duration"), "400d");
}

TEST_F(MessageTemplateTest, times_before_1970_and_of_no_calendar_are_written) {
  EXPECT_EQ(format(-1e9, "time"), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format(0, "time"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format(1e19, "time"), "1e+19");
}

TEST_F(MessageTemplateTest, a_long_result_is_cut_at_a_character) {
  batch.text("pad", std::string(100, 'p')).text("long", "\xC3\xA4" + std::string(10, 'x'));
  EXPECT_EQ(render(std::string(3'984, 'a') + "{pad}{long}").size(), 4'096U) << "fits";
  EXPECT_THAT(render(std::string(3'990, 'a') + "{pad}{long}"), EndsWith("p\xC3\xA4xxxx"));
  EXPECT_EQ(render(std::string(3'995, 'a') + "{pad}{long}").size(), 4'095U) << "no half of a character";
  EXPECT_EQ(render(std::string(3'996, 'a') + "{pad}{pad}and so on").size(), 4'096U);
}

TEST_F(MessageTemplateTest, knows_which_fields_it_reads) {
  const auto compiled = MessageTemplate::compile("{value / bytes} {name} {value} {source}", names);
  EXPECT_THAT(compiled.value().fields(), ElementsAre("bytes", "name", "value"));
}

}  // namespace
}  // namespace picket::routing
