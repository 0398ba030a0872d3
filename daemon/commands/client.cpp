// SPDX-License-Identifier: Apache-2.0
#include "commands/client.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/version.hpp"
#include "config/units.hpp"
#include "platform/clock.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::int64_t kConnectPatience = 5'000'000'000;
constexpr std::size_t kLongestLine = std::size_t{64} << 20U;

// What the protocol's error numbers mean for the exit code.
int exit_code_of_rpc(std::int64_t code) {
  switch (code) {
    case -32001:
      return kExitPermission;
    case -32003:
      return kExitUnavailable;
    case -32602:
      return kExitUsage;
    default:
      return kExitNotWell;
  }
}

ClientError error_of(const ClientJson& error) {
  ClientError result;
  result.code = error.value("code", std::int64_t{0});
  result.exit_code = exit_code_of_rpc(result.code);
  result.message = service::printable(error.value("message", std::string("the daemon refused without a reason")));
  if (error.contains("data")) result.data = error["data"];
  if (result.data.is_object() && result.data.contains("path")) {
    result.message += " (" + service::printable(result.data["path"].dump()) + ")";
  }
  return result;
}

ClientError connect_error(const std::string& address, const Error& error) {
  const std::string where = service::printable(address);
  switch (error.status) {
    case PICKET_NOT_FOUND:
      return {kExitUnavailable, "no daemon answers at " + where +
                                    ": start one (`picket run`) with an instance of pipe_server that listens there, or "
                                    "name another place with --socket or PICKET_SOCKET"};
    case PICKET_DENIED:
      return {kExitPermission, "permission is missing for " + where +
                                   ": become root or a member of the socket's group (see `ls -l`, and `group` and "
                                   "`mode` of the listener)"};
    case PICKET_TIMEOUT:
      return {kExitUnavailable,
              "the daemon at " + where + " takes no connection: it is busy, or has all that it may have"};
    default:
      return {kExitUnavailable, where + ": " + error.message};
  }
}

}  // namespace

void add_client_options(CLI::App& verb, ClientOptions& options) {
  verb.add_option("--socket", options.socket,
                  "Where the daemon listens; by default as --config says, if it is given, "
                  "else the system's place")
      ->type_name("PATH");
  add_config_options(verb, options.config);
}

Answered<std::string> find_socket(const ClientOptions& options, const Surroundings& surroundings) {
  if (!options.socket.empty()) return options.socket;
  if (options.config.files.empty()) return platform::LocalStream::default_address();
  Configuration configuration = read_configuration(options.config, surroundings);
  if (!configuration.loaded.model) {
    return ClientError{kExitConfiguration,
                       "the configuration, which says where the daemon listens, is wrong (or give "
                       "--socket):\n" +
                           configuration.loaded.diagnostics.render()};
  }
  for (const auto& [name, instance] : configuration.loaded.model->instances) {
    if (instance.type != "pipe_server") continue;
    const ClientJson settings = ClientJson::parse(instance.settings, nullptr, false);
    if (!settings.is_object() || !settings.contains("listen")) continue;
    const ClientJson& listen = settings["listen"];
    const ClientJson all = listen.is_array() ? listen : ClientJson::array({listen});
    for (const ClientJson& listener : all) {
      if (listener.value("protocol", "") == "jsonrpc" && listener.value("kind", "stream") == "stream") {
        return listener.value("path", "");
      }
    }
  }
  return ClientError{kExitUnavailable,
                     "the configuration has no listener that speaks jsonrpc: add an instance of pipe_server with "
                     "`listen: {path: ..., protocol: jsonrpc}`, or give --socket"};
}

Client::Client(std::unique_ptr<platform::LocalStream> stream, std::string address)
    : stream_(std::move(stream)), address_(std::move(address)) {}

Answered<Client> Client::connect(const ClientOptions& options, const Surroundings& surroundings) {
  auto address = find_socket(options, surroundings);
  if (!address.ok()) return address.error();
  auto stream = platform::LocalStream::connect(*address, kConnectPatience);
  if (!stream.ok()) return connect_error(*address, stream.error());
  return greet(std::move(*stream), *address, surroundings.err);
}

Answered<Client> Client::greet(std::unique_ptr<platform::LocalStream> stream, const std::string& address,
                               std::ostream& err) {
  Client client(std::move(stream), address);
  auto hello = client.ask("hello", {{"client", "picket"}, {"version", program_version()}}, kConnectPatience);
  if (!hello.ok()) {
    if (hello.error().code != 0) return hello.error();
    return ClientError{kExitUnavailable, "what listens at " + service::printable(address) +
                                             " does not answer as a Picket daemon does (" + hello.error().message +
                                             ")"};
  }
  if (!hello->is_object() || hello->value("daemon", "") != "picket") {
    return ClientError{kExitUnavailable, "what listens at " + service::printable(address) + " is no Picket daemon"};
  }
  const std::int64_t protocol = hello->value("protocol", std::int64_t{0});
  const std::string version = service::printable(hello->value("version", "?"));
  const std::string own(program_version());
  if (protocol != kProtocolVersion) {
    return ClientError{kExitUnavailable, "the daemon (" + version + ") speaks version " + std::to_string(protocol) +
                                             " of the protocol, this program (" + own + ") version " +
                                             std::to_string(kProtocolVersion) + ": update the " +
                                             (protocol > kProtocolVersion ? "program" : "daemon")};
  }
  if (version != own) {
    err << "picket: the daemon is version " << version << ", this program is " << own
        << ": restart the daemon after an update\n";
  }
  client.hello_ = std::move(*hello);
  return client;
}

Answered<std::int64_t> Client::begin(const std::string& method, ClientJson params) {
  const std::int64_t id = ++last_id_;
  const ClientJson request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
  const auto written =
      stream_->write(request.dump(-1, ' ', false, ClientJson::error_handler_t::replace) + "\n", kPatience);
  if (written.ok()) return id;
  // The reason may have come before the end: what is there to read says more than a broken pipe.
  while (answers_.empty()) {
    auto more = read_more(0);
    if (!more.ok() && more.error().code != 0) return more.error();
    if (!more.ok() || !*more) break;
  }
  for (auto& [answered, answer] : answers_) {
    if (answer.contains("error")) return error_of(answer["error"]);
  }
  if (written.error().status == PICKET_NOT_FOUND) return gone();
  return ClientError{kExitUnavailable, "the daemon does not read what it is sent: " + written.error().message};
}

ClientError Client::gone() const {
  return {kExitUnavailable, "the daemon at " + service::printable(address_) + " has closed the connection"};
}

Answered<bool> Client::take_line(std::string line) {
  if (line.ends_with('\r')) line.pop_back();
  ClientJson message = ClientJson::parse(line, nullptr, false);
  if (!message.is_object()) {
    return ClientError{kExitUnavailable, "what listens there does not speak JSON-RPC; it said: " +
                                             service::printable(line.substr(0, 80))};
  }
  if (message.contains("method")) {
    notifications_.push_back(std::move(line));
    return true;
  }
  // An error without an id is about the connection as a whole.
  const bool numbered = message.contains("id") && message["id"].is_number_integer();
  if (!numbered) {
    if (message.contains("error")) return error_of(message["error"]);
    return true;
  }
  const std::int64_t id = message["id"];
  answers_[id] = std::move(message);
  return true;
}

Answered<bool> Client::read_more(std::int64_t timeout_ns) {
  std::array<char, 65'536> buffer{};
  const auto count = stream_->read(buffer, timeout_ns);
  if (!count.ok()) {
    if (count.error().status == PICKET_TIMEOUT) return ClientError{kExitNotWell, "no answer within the time limit"};
    return ClientError{kExitUnavailable, count.error().message};
  }
  if (*count == 0) return false;
  const std::size_t before = input_.size();
  input_.append(buffer.data(), *count);
  std::size_t begin = 0;
  for (std::size_t end = input_.find('\n', before); end != std::string::npos; end = input_.find('\n', begin)) {
    auto taken = take_line(input_.substr(begin, end - begin));
    begin = end + 1;
    if (!taken.ok()) {
      input_.erase(0, begin);
      return taken.error();
    }
  }
  input_.erase(0, begin);
  if (input_.size() > kLongestLine) return ClientError{kExitUnavailable, "the daemon sent a line of more than 64 MiB"};
  return true;
}

Answered<ClientJson> Client::wait(std::int64_t id, std::int64_t timeout_ns) {
  const std::int64_t due = timeout_ns < 0 ? -1 : platform::system_clock().monotonic_ns() + timeout_ns;
  for (;;) {
    if (const auto found = answers_.find(id); found != answers_.end()) {
      ClientJson answer = std::move(found->second);
      answers_.erase(found);
      if (answer.contains("error")) return error_of(answer["error"]);
      if (!answer.contains("result")) return ClientError{kExitUnavailable, "the daemon's answer has no result"};
      return answer["result"];
    }
    const std::int64_t left = due < 0 ? -1 : std::max<std::int64_t>(due - platform::system_clock().monotonic_ns(), 0);
    auto more = read_more(left);
    if (!more.ok()) return more.error();
    if (!*more) return gone();
  }
}

Answered<ClientJson> Client::ask(const std::string& method, ClientJson params, std::int64_t timeout_ns) {
  auto id = begin(method, std::move(params));
  if (!id.ok()) return id.error();
  return wait(*id, timeout_ns);
}

Answered<ClientJson> Client::command(const std::string& instance, const std::string& command, ClientJson args,
                                     std::int64_t timeout_ns) {
  constexpr std::int64_t kGrace = 5'000'000'000;
  return ask("call", {{"instance", instance}, {"command", command}, {"args", std::move(args)}, {"timeout", timeout_ns}},
             timeout_ns > INT64_MAX - kGrace ? INT64_MAX : timeout_ns + kGrace);
}

Answered<std::string> Client::next(std::int64_t timeout_ns) {
  for (;;) {
    if (!notifications_.empty()) {
      std::string line = std::move(notifications_.front());
      notifications_.pop_front();
      return line;
    }
    auto more = read_more(timeout_ns);
    if (!more.ok()) return more.error();
    if (!*more) return std::string();
  }
}

bool Client::wait_closed(std::int64_t timeout_ns) {
  const std::int64_t due = platform::system_clock().monotonic_ns() + timeout_ns;
  for (;;) {
    const std::int64_t left = due - platform::system_clock().monotonic_ns();
    if (left <= 0) return false;
    auto more = read_more(left);
    if (!more.ok()) return more.error().exit_code == kExitUnavailable;
    if (!*more) return true;
  }
}

int report(const ClientError& error, const std::string& verb, std::ostream& err) {
  err << "picket " << verb << ": " << error.message << (error.message.ends_with('\n') ? "" : "\n");
  return error.exit_code;
}

Answered<std::int64_t> duration_option(const std::string& option, const std::string& text) {
  const auto parsed = config::parse_duration(text);
  if (!parsed.ok()) return ClientError{kExitUsage, option + ": " + parsed.error().message};
  return *parsed;
}

ClientJson word_value(const std::string& text, const ClientJson& schema) {
  if (schema.is_object() && schema.contains("type") && schema["type"] == "string") return text;
  ClientJson value = ClientJson::parse(text, nullptr, false);
  if (value.is_discarded() || value.is_string()) return text;
  return value;
}

}  // namespace picket::commands
