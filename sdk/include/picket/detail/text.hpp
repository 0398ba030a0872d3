// SPDX-License-Identifier: Apache-2.0
//
// Text at the border: std::string_view on this side, picket_str on the other. Neither owns anything.
#ifndef PICKET_DETAIL_TEXT_HPP
#define PICKET_DETAIL_TEXT_HPP

#include <string_view>

#include "../base.h"

namespace picket {

[[nodiscard]] inline picket_str to_str(std::string_view text) noexcept { return picket_str{text.data(), text.size()}; }

[[nodiscard]] inline std::string_view to_view(picket_str text) noexcept {
  return text.length == 0 ? std::string_view() : std::string_view(text.data, static_cast<std::size_t>(text.length));
}

}  // namespace picket

#endif
