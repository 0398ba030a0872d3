// SPDX-License-Identifier: Apache-2.0
//
// Texts of clients as fields: UTF-8 stays text, everything else becomes bytes. Pure.
#pragma once

#include <picket/batch.h>
#include <string_view>

namespace picket::pipe_server {

bool is_utf8(std::string_view text);
// To the batch's last event. False when it does not fit.
bool add_text_field(picket_batch& batch, std::uint32_t key, std::string_view text);

}  // namespace picket::pipe_server
