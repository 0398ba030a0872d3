// SPDX-License-Identifier: Apache-2.0
#include "service/running_configuration.hpp"

#include <nlohmann/json.hpp>

#include "platform/atomic_file.hpp"

namespace picket::service {
namespace {

constexpr int kRunningFormat = 1;
constexpr std::uint64_t kMaxRunningFile = 64ULL << 20U;  // bytes

}  // namespace

Result<void> write_running(const std::filesystem::path& file, const RunningConfiguration& running) {
  nlohmann::ordered_json root{{"format", kRunningFormat},
                              {"generation", running.generation},
                              {"hash", running.hash},
                              {"since_ns", running.since_ns},
                              {"overruled", running.overruled}};
  root["configuration"] = nlohmann::ordered_json::parse(running.configuration, nullptr, false);
  return platform::write_file_atomically(
      file, root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

Result<RunningConfiguration> read_running(const std::filesystem::path& file) {
  const auto text = platform::read_whole_file(file, kMaxRunningFile);
  if (!text) return text.error();
  RunningConfiguration running;
  try {
    const auto root = nlohmann::ordered_json::parse(*text);
    if (root.at("format") != kRunningFormat) {
      return Error{file.string() + " is of format " + root.at("format").dump() + ", and this program knows " +
                       std::to_string(kRunningFormat) + ": the daemon is of another version",
                   PICKET_UNSUPPORTED};
    }
    running.generation = root.at("generation").get<std::uint64_t>();
    running.hash = root.at("hash").get<std::string>();
    running.since_ns = root.at("since_ns").get<std::int64_t>();
    running.overruled = root.at("overruled").get<std::vector<std::string>>();
    // As print_running() writes it, to the byte: the hash is of that text.
    running.configuration = root.at("configuration").dump(2) + "\n";
  } catch (const nlohmann::json::exception& error) {
    return Error{file.string() + " is damaged: " + error.what(), PICKET_INVALID};
  }
  return running;
}

}  // namespace picket::service
