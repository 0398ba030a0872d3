// SPDX-License-Identifier: Apache-2.0
#include "text_field.hpp"

#include <simdjson.h>

namespace picket::pipe_server {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

bool add_text_field(picket_batch& batch, std::uint32_t key, std::string_view text) {
  const picket_type type = is_utf8(text) ? PICKET_TYPE_TEXT : PICKET_TYPE_BYTES;
  return picket_batch_heap(&batch, key, type, picket_str_of(text.data(), text.size())) == PICKET_OK;
}

}  // namespace picket::pipe_server
