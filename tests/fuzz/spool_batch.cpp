// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a batch of a spool: decode_batch refuses them, or makes a batch that is valid, that can be read in full,
// and that is the same after it was encoded and decoded again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "routing/batch_validate.hpp"
#include "routing/event_json.hpp"
#include "routing/names.hpp"
#include "routing/spool/batch_codec.hpp"

namespace {

std::string all_as_json(const picket_batch& batch, const picket::routing::Names& names) {
  std::string text;
  for (std::uint32_t i = 0; i < batch.event_count; ++i) {
    picket::routing::append_event_json(batch, batch.events[i], names, text);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using picket::routing::Names;
  namespace spool = picket::routing::spool;
  Names names(4'096);
  const auto batch = spool::decode_batch({reinterpret_cast<const char*>(data), size}, names);
  if (!batch.ok()) {
    if (batch.error().message.empty()) std::abort();
    return 0;
  }
  if (!picket::routing::validate_batch(**batch, names.size()).ok()) std::abort();
  const std::string before = all_as_json(**batch, names);
  spool::BatchEncoder encoder(names);
  std::string bytes;
  if (!encoder.encode(**batch, nullptr, (*batch)->event_count, bytes).ok()) return 0;  // texts shared too often
  Names others(4'096);
  others.intern("another");
  const auto again = spool::decode_batch(bytes, others);
  if (!again.ok() || all_as_json(**again, others) != before) std::abort();
  return 0;
}
