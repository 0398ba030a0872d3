// SPDX-License-Identifier: Apache-2.0
//
// What the writers of XML here share: the pictures (SVG) and the report of `picket test --junit`. Pure functions, any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace picket::service {

// `text` as it stands in an attribute in double quotes, or between tags: a well-formed document whatever it is. Line
// breaks and tabs become references, since readers turn raw ones in attributes into blanks; what XML 1.0 cannot hold
// (most control characters, U+FFFE, U+FFFF) and what is no UTF-8 becomes U+FFFD.
std::string xml_text(std::string_view text);

// A length or coordinate in pixels, to a tenth: `12`, `0.5`, `-3.1`. REQUIRES: finite.
std::string svg_number(double value);

}  // namespace picket::service
