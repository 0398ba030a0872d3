// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a crash record: what is read from it can be written as lines, each of which is a JSON object on one
// line, and every event of it is read back from its line.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "routing/event_json.hpp"
#include "routing/recorder/recording.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto recording = picket::routing::read_crash_record({reinterpret_cast<const char*>(data), size});
  if (!recording.ok()) return 0;
  const auto check = [](std::string_view line) {
    if (line.find('\n') != std::string_view::npos) std::abort();
    if (!nlohmann::json::parse(line, nullptr, false).is_object()) std::abort();
  };
  const picket::routing::Recording& all = **recording;
  check(picket::routing::recording_head(all.reason, all.contents));
  picket::routing::recording_lines(all.contents, all.names, check);
  return 0;
}
