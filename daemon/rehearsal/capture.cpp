// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/capture.hpp"

#include <filesystem>
#include <fstream>

#include "config/source.hpp"
#include "routing/event_json.hpp"

namespace picket::rehearsal {
namespace {

constexpr std::size_t kLongestCapturedLine = 1U << 20U;

bool is_no_captured_event(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  return begin == std::string::npos || line.compare(begin, 9, "{\"record\"") == 0;
}

}  // namespace

Result<std::vector<CapturedEvent>> read_capture(const std::string& path, routing::Names& names) {
  const std::filesystem::path file = config::path_from_utf8(path);
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return Error{path + ": there is no such file of captured events", PICKET_NOT_FOUND};
  }
  if (const auto size = std::filesystem::file_size(file, error); !error && size > kMaxCaptureBytes) {
    return Error{path + ": is larger than " + std::to_string(kMaxCaptureBytes >> 20U) + " MiB", PICKET_LIMIT};
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{path + ": cannot be read", PICKET_FAILED};
  routing::EventJsonOptions options;
  options.names = routing::NamePolicy::intern;
  options.max_bytes = kLongestCapturedLine;
  routing::EventJsonReader reader(names, options);
  std::vector<CapturedEvent> events;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (is_no_captured_event(line)) continue;
    const std::string where = path + ":" + std::to_string(number);
    if (events.size() == kMaxCapturedEvents) {
      return Error{where + ": more than " + std::to_string(kMaxCapturedEvents) + " events", PICKET_LIMIT};
    }
    auto batch = reader.read(line);
    if (!batch) return Error{where + ": " + batch.error().message, PICKET_INVALID};
    const picket_event& event = (*batch)->events[0];
    events.push_back({event.time_ns, std::string(names.text(event.source)), std::move(*batch), number});
  }
  if (in.bad()) return Error{path + ": cannot be read to its end", PICKET_FAILED};
  return events;
}

}  // namespace picket::rehearsal
