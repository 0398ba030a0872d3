// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC 2.0 as text: reading the requests of one line, writing answers and notifications. docs/jsonrpc.md is the
// protocol. A reader belongs to one thread; writing is pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "picket/base.h"

namespace picket::pipe_server {

enum RpcCode : std::int32_t {
  kRpcNotJson = -32700,
  kRpcNoRequest = -32600,
  kRpcNoMethod = -32601,
  kRpcBadParams = -32602,
  kRpcInternal = -32603,
  kRpcDenied = -32001,
  kRpcNotFound = -32003,
  kRpcTimeout = -32004,  // or cancelled
  kRpcLimit = -32005,
  kRpcNotDelivered = -32010,
  kRpcFailed = -32011,  // the command
};

// An error of the protocol. `data` is the text of a JSON object, or empty.
struct RpcError {
  RpcCode code = kRpcInternal;
  std::string message;
  std::string data;
};

struct RpcRequest {
  std::string id;  // as JSON text; empty: a notification, which is not answered
  std::string method;
  std::string_view params;          // an object's text within the line; empty: none
  std::size_t params_byte = 0;      // where that begins in the line
  std::optional<RpcError> problem;  // it is no request
};

struct RpcLine {
  bool array = false;  // answered by one array
  std::vector<RpcRequest> requests;
  std::optional<RpcError> problem;  // the line as a whole; then there are no requests
};

class RpcReader {
 public:
  static constexpr std::size_t kMaxId = 256;       // bytes of its JSON text
  static constexpr std::size_t kMaxBatch = 1'024;  // requests of one array

  RpcReader();
  ~RpcReader();
  RpcReader(const RpcReader&) = delete;
  RpcReader& operator=(const RpcReader&) = delete;

  // REQUIRES: 64 readable bytes behind `line`, which outlives the answer.
  RpcLine read(std::string_view line);
  // The elements of the array `text`, as texts within it; nothing when it is none. REQUIRES: as read.
  std::optional<std::vector<std::string_view>> elements(std::string_view text);
  // The value of a member of the object `text`, as text within it; empty when there is none.
  std::string_view member(std::string_view text, std::string_view key);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

// Each is one message without a line end. `id` empty: null.
std::string rpc_result(std::string_view id, std::string_view result_json);
std::string rpc_error(std::string_view id, const RpcError& error);

// {"status": "DENIED"}: the name of a status of the SDK, for `data`.
std::string rpc_status_data(picket_status status);
// {KEY: "text"}
std::string rpc_data(std::string_view key, std::string_view text);

// What a failed command or call is.
RpcCode rpc_code_of(picket_status status);

// The name among `known` that is most like `word`, as "; did you mean `NAME`?", or nothing.
std::string rpc_suggestion(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace picket::pipe_server
