// SPDX-License-Identifier: Apache-2.0
//
// A batch as bytes and back: its arrays as they lie in memory, and the dictionary of the names that they use, because
// ids mean nothing outside the process that gave them. FORMAT.md has the layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing::spool {

// Holds on to memory between batches; one thread at a time.
class BatchEncoder {
 public:
  // `names` outlives it.
  explicit BatchEncoder(const Names& names) : names_(names) {}

  // Appends the `count` events of `batch` that `selection` names (null: all) to `out`. What is written passes
  // validate_batch: what a plugin got wrong in a value is mended (texts that are no UTF-8 become bytes, offsets beyond
  // the heap become null), so that one bad value costs no event. An error (a key that is no name, more than a batch can
  // hold) leaves `out` as it was.
  Result<void> encode(const picket_batch& batch, const std::uint32_t* selection, std::uint32_t count, std::string& out);

 private:
  Result<void> gather(const picket_batch& batch, const std::uint32_t* selection, std::uint32_t count);
  Result<void> mend(const picket_batch& batch);
  Result<void> mend_key(picket_field& field, const picket_batch& batch);
  void mend_value(picket_field& field, const picket_batch& batch);
  std::uint32_t heap_copy(const char* data, std::size_t length);
  void use(picket_name name);
  bool known(picket_name name) const { return name != 0 && name <= name_count_; }

  const Names& names_;
  std::vector<picket_event> events_;
  std::vector<picket_field> fields_;
  std::string heap_;
  bool copies_heap_ = false;  // only what is referred to, instead of the whole
  bool heap_is_ascii_ = false;
  std::uint32_t name_count_ = 0;
  std::uint32_t round_ = 0;
  std::vector<std::uint32_t> used_in_;  // by name: the round that used it last
  std::vector<picket_name> used_;
};

// A new batch with the names of this process. The error is PICKET_INVALID when `bytes` are no such batch, PICKET_LIMIT
// when the table of names or the memory is full: then it can be tried again.
Result<BatchRef> decode_batch(std::string_view bytes, Names& names);

}  // namespace picket::routing::spool
