// SPDX-License-Identifier: Apache-2.0
//
// Any text as an event of a client: what is taken comes out as JSON that is taken again and comes out the same, and
// what is not is refused at a byte of the text. The short way of plain events makes the same of it as the long one.
#include <cstdint>
#include <cstdlib>
#include <picket/testing.hpp>
#include <string>
#include <string_view>

#include "event_codec.hpp"

namespace {

using picket::pipe_server::CodecError;
using picket::pipe_server::EventDecoder;

class HostOnly : public picket::Plugin {
 public:
  HostOnly(picket::Host host, const picket::Config& /*config*/) : Plugin(host) { current = this; }
  static inline HostOnly* current = nullptr;
};
constexpr picket_plugin_type kHostOnly = picket::plugin_type<HostOnly>(
    {.id = "host_only", .version = "0", .summary = "of the fuzzer", .config_schema = "{}"});

void require(bool holds) {
  if (!holds) std::abort();
}

struct Codec {
  Codec() : fake(&kHostOnly) {
    require(fake.start().ok());
    decoder.emplace(HostOnly::current->host());
  }
  // The text of the event, or nothing.
  std::optional<std::string> turn(std::string_view text) {
    const auto shorter = turn(text, &EventDecoder::decode);
    require(shorter == turn(text, &EventDecoder::decode_the_long_way));
    return shorter;
  }
  using Way = EventDecoder::Outcome (EventDecoder::*)(std::string_view, picket_batch&, CodecError&);
  std::optional<std::string> turn(std::string_view text, Way way) {
    std::string padded;
    padded.reserve(text.size() + 64);
    padded.append(text);
    picket::Batch batch(HostOnly::current->host(), 1, 4096, 1U << 20U);
    CodecError error;
    const auto outcome = (*decoder.*way)(padded, *batch.c(), error);
    if (outcome == EventDecoder::Outcome::malformed) require(error.byte <= text.size() && !error.reason.empty());
    if (outcome != EventDecoder::Outcome::event) return std::nullopt;
    require(batch.size() == 1);
    std::string out;
    picket::pipe_server::encode_event(HostOnly::current->host(),
                                      picket::EventView(HostOnly::current->host(), batch.c(), batch.c()->events), out);
    return out;
  }
  picket::testing::FakeHost fake;
  std::optional<EventDecoder> decoder;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Codec codec;
  const auto once = codec.turn({reinterpret_cast<const char*>(data), size});
  if (!once) return 0;
  const auto twice = codec.turn(*once);
  require(twice.has_value());
  // The first one adds a sequence, which comes back as a field; from then on nothing changes but that.
  require(codec.turn(*twice).has_value());
  return 0;
}
