// SPDX-License-Identifier: Apache-2.0
//
// Events as JSON objects and back (docs/ndjson.md has the format). A decoder belongs to one thread; encoding is pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <picket/plugin.hpp>

namespace picket::pipe_server {

// Why a text is no event.
struct CodecError {
  std::size_t byte = 0;  // from 0, in the text that was given
  std::string reason;
};

class EventDecoder {
 public:
  enum class Outcome { event, no_room, malformed };

  // Interns what the format itself names.
  explicit EventDecoder(Host host);
  EventDecoder(EventDecoder&&) noexcept;
  EventDecoder& operator=(EventDecoder&&) noexcept;
  ~EventDecoder();

  // Appends the one event that `json` is to `batch`. REQUIRES: 64 readable bytes behind `json` (Session::kPadding).
  // no_room: part of it may have been appended; the caller restores the batch (Publisher does). malformed: `error` says
  // why, and the same holds.
  Outcome decode(std::string_view json, picket_batch& batch, CodecError& error);
  // The same without the short way that plain events go in decode(): what tests and the fuzzer compare it with.
  Outcome decode_the_long_way(std::string_view json, picket_batch& batch, CodecError& error);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// Appends the event as one JSON object, without a line end.
void encode_event(Host host, const EventView& event, std::string& out);
// Appends a JSON string with its quotes; what is not UTF-8 becomes U+FFFD.
void encode_text(std::string_view text, std::string& out);

}  // namespace picket::pipe_server
