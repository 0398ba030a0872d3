// SPDX-License-Identifier: Apache-2.0
#include "service/xml.hpp"

#include <gtest/gtest.h>

namespace picket::service {
namespace {

TEST(Xml, markup_in_a_text_is_not_markup) {
  EXPECT_EQ(xml_text("a < b && c > \"d\""), "a &lt; b &amp;&amp; c &gt; &quot;d&quot;");
  EXPECT_EQ(xml_text("]]><![CDATA["), "]]&gt;&lt;![CDATA[");
  EXPECT_EQ(xml_text(""), "");
}

TEST(Xml, other_languages_stay_as_they_are) {
  EXPECT_EQ(xml_text("Grüße, 世界 \xF0\x9F\x98\x80"), "Grüße, 世界 \xF0\x9F\x98\x80");
}

TEST(Xml, line_breaks_survive_in_attributes) {
  EXPECT_EQ(xml_text("a\nb\r\tc"), "a&#10;b&#13;&#9;c");
}

TEST(Xml, what_xml_cannot_hold_is_replaced) {
  EXPECT_EQ(xml_text(std::string_view("\0\x01\x1F", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(xml_text("\xEF\xBF\xBE\xEF\xBF\xBF"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // U+FFFE, U+FFFF
  EXPECT_EQ(xml_text("a\xFF"
                     "b\xED\xA0\x80"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");                   // no UTF-8; a surrogate
  EXPECT_EQ(xml_text("\xC3"), "\xEF\xBF\xBD");  // cut short
}

TEST(Xml, pixels_are_written_to_a_tenth) {
  EXPECT_EQ(svg_number(12), "12");
  EXPECT_EQ(svg_number(0.5), "0.5");
  EXPECT_EQ(svg_number(-3.14), "-3.1");
  EXPECT_EQ(svg_number(99.96), "100");
  EXPECT_EQ(svg_number(-0.0), "0");
  EXPECT_EQ(svg_number(-0.04), "0");
  EXPECT_EQ(svg_number(1e9), "1000000000");
}

}  // namespace
}  // namespace picket::service
