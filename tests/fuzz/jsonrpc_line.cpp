// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a line of the door's protocol: never a crash; what is taken as requests is JSON by another parser's
// judgement, and every text that is handed on lies within the line.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "rpc_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace picket::pipe_server;
  static RpcReader* const reader = new RpcReader();
  std::string line(reinterpret_cast<const char*>(data), size);
  line.append(64, '\0');
  const std::string_view text(line.data(), size);
  const RpcLine read = reader->read(text);
  if (read.problem) {
    if (!read.requests.empty()) std::abort();
    if (!nlohmann::json::accept(rpc_error({}, *read.problem))) std::abort();
    return 0;
  }
  for (const RpcRequest& request : read.requests) {
    if (!request.id.empty() && !nlohmann::json::accept(request.id) && !request.problem) {
      // An id that is no JSON would make our answer none: only a number can look so, and the reader must refuse it.
      std::abort();
    }
    if (request.params.empty()) continue;
    if (request.params.data() < line.data() || request.params.data() + request.params.size() > line.data() + size) {
      std::abort();
    }
    for (const char* key : {"event", "events", "ack"}) {
      const std::string_view value = reader->member(request.params, key);
      if (!value.empty() && (value.data() < line.data() || value.data() + value.size() > line.data() + size))
        std::abort();
      if (const auto elements = value.empty() ? std::nullopt : reader->elements(value)) {
        for (const std::string_view element : *elements) {
          if (element.data() < line.data() || element.data() + element.size() > line.data() + size) std::abort();
        }
      }
    }
  }
  return 0;
}
