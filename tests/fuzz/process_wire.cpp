// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the stream between the daemon and its holder, and as a record on disk: what is read can be written, and
// is read again as the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "process/wire.hpp"

using picket::process::decode_order;
using picket::process::decode_report;
using picket::process::encode;
using picket::process::FrameCutter;
using picket::process::kFrameHeader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FrameCutter cutter;
  cutter.append({reinterpret_cast<const char*>(data), size});
  const auto again = [](const auto& message, const auto& decode) {
    std::string once, twice;
    encode(message, 0, once);
    const auto read = decode(static_cast<std::uint8_t>(once[4]), std::string_view(once).substr(kFrameHeader));
    if (!read) std::abort();
    encode(*read, 0, twice);
    if (once != twice) std::abort();
  };
  while (const auto frame = cutter.next()) {
    if (const auto order = decode_order(frame->header.kind, frame->payload)) again(*order, decode_order);
    if (const auto report = decode_report(frame->header.kind, frame->payload)) again(*report, decode_report);
  }
  return 0;
}
