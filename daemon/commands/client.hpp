// SPDX-License-Identifier: Apache-2.0
//
// The client's side of the door (plugins/pipe_server/docs/jsonrpc.md): finds the daemon, asks, and waits for answers.
// Used by the verbs that talk to a running daemon. Single thread; every failure is a value with an exit code.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"
#include "platform/local_stream.hpp"

namespace CLI {
class App;
}

namespace picket::commands {

using ClientJson = nlohmann::ordered_json;

inline constexpr std::int64_t kProtocolVersion = 1;

struct ClientOptions {
  std::string socket;  // --socket; empty: see find_socket
  ConfigOptions config;
};

// --socket, --config and --plugin-path.
void add_client_options(CLI::App& verb, ClientOptions& options);

struct ClientError {
  int exit_code = 1;
  std::string message;    // one sentence, without the verb's name
  std::int64_t code = 0;  // of the protocol; 0: the connection's
  ClientJson data = {};
};

template <typename T>
class [[nodiscard]] Answered {
 public:
  Answered(T value) : value_(std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Answered(ClientError error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }
  const ClientError& error() const { return error_; }

 private:
  std::optional<T> value_;
  ClientError error_;
};

// Where the daemon is: --socket or PICKET_SOCKET, else the first listener of protocol jsonrpc in the configuration that
// was given, else the system's default. An error when that configuration cannot be read, or has no such listener.
Answered<std::string> find_socket(const ClientOptions& options, const Surroundings& surroundings);

class Client {
 public:
  // `own_version`: of this program. `warn` hears that the daemon's version differs.
  Client(std::unique_ptr<platform::LocalStream> stream, std::string address);

  // Finds the daemon, connects and says hello. Another protocol version is an error; another version of the program is
  // said on err and tolerated.
  static Answered<Client> connect(const ClientOptions& options, const Surroundings& surroundings);
  // The second half of that, on a stream that is open.
  static Answered<Client> greet(std::unique_ptr<platform::LocalStream> stream, const std::string& address,
                                std::ostream& err);

  // Sends a request and waits for its answer. `timeout_ns` < 0: for ever.
  Answered<ClientJson> ask(const std::string& method, ClientJson params, std::int64_t timeout_ns = kPatience);
  // A command of an instance, with an answer in time for the server to say itself that there was none.
  Answered<ClientJson> command(const std::string& instance, const std::string& command, ClientJson args,
                               std::int64_t timeout_ns = kPatience);

  // Sends a request without waiting; `wait` gives its answer.
  Answered<std::int64_t> begin(const std::string& method, ClientJson params);
  Answered<ClientJson> wait(std::int64_t id, std::int64_t timeout_ns = kPatience);
  // The next notification (`method`, `params`) as the text that came. An empty one: the daemon has closed.
  Answered<std::string> next(std::int64_t timeout_ns = -1);
  // Waits until the daemon closes; false when it has not done so in time.
  bool wait_closed(std::int64_t timeout_ns);

  const ClientJson& hello() const { return hello_; }

  static constexpr std::int64_t kPatience = 35'000'000'000;

 private:
  Answered<bool> read_more(std::int64_t timeout_ns);  // false: closed
  Answered<bool> take_line(std::string line);
  ClientError gone() const;

  std::unique_ptr<platform::LocalStream> stream_;
  std::string address_;
  std::string input_;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, ClientJson> answers_;
  std::deque<std::string> notifications_;
  ClientJson hello_;
};

// "picket VERB: message", and the exit code.
int report(const ClientError& error, const std::string& verb, std::ostream& err);

// "5s" and the like, or an error with the option's name.
Answered<std::int64_t> duration_option(const std::string& option, const std::string& text);

// One word `name=value` of a command line as JSON: numbers, true, false, null, lists and objects are those, all else is
// text. With a schema ({"type": ...}) that wants a text, everything is.
ClientJson word_value(const std::string& text, const ClientJson& schema = {});

}  // namespace picket::commands
