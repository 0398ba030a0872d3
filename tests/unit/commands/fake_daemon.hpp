// SPDX-License-Identifier: Apache-2.0
//
// A daemon's end of a connection, for the verbs that talk to one: a test says what each method answers. Single thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "commands/client.hpp"
#include "commands/version.hpp"

namespace picket::commands {

class FakeDaemon {
 public:
  using Json = ClientJson;
  // {"result": ...} or {"error": ...} for the parameters of a request.
  using Answerer = std::function<Json(const Json& params)>;

  FakeDaemon() {
    on("hello", [](const Json&) {
      return Json{{"result", {{"daemon", "picket"}, {"version", program_version()}, {"protocol", 1}}}};
    });
  }

  void on(const std::string& method, Answerer answerer) { answerers_[method] = std::move(answerer); }
  // A command's result.
  void on_command(const std::string& instance, const std::string& command, const Json& result) {
    commands_[instance + " " + command] = Json{{"result", result}};
  }
  void fail_command(const std::string& instance, const std::string& command, int code, const std::string& message) {
    commands_[instance + " " + command] = Json{{"error", {{"code", code}, {"message", message}}}};
  }
  // Lines that come right after the next answer; then the connection ends.
  void say_then_close(const std::vector<std::string>& lines) {
    later_ = lines;
    closes_ = true;
  }
  void close_after_answer() { closes_ = true; }

  // Every request, in order.
  const std::vector<Json>& requests() const { return requests_; }
  const Json& last() const { return requests_.back(); }

  std::unique_ptr<platform::LocalStream> connect() { return std::make_unique<Stream>(*this); }
  // Connected and greeted. Throws if that fails.
  Client client() {
    std::ostringstream err;
    auto made = Client::greet(connect(), "test", err);
    if (!made.ok()) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }

 private:
  class Stream final : public platform::LocalStream {
   public:
    explicit Stream(FakeDaemon& daemon) : daemon_(daemon) {}
    Result<void> write(std::string_view data, std::int64_t /*timeout_ns*/) override {
      daemon_.take(data);
      return {};
    }
    Result<std::size_t> read(std::span<char> buffer, std::int64_t timeout_ns) override {
      std::string& output = daemon_.output_;
      if (output.empty() && !daemon_.closed_) {
        if (timeout_ns >= 0) return Error{"nothing came", PICKET_TIMEOUT};
        return Error{"the test waits for ever", PICKET_FAILED};
      }
      // In small pieces, as a socket may.
      const std::size_t count = std::min({buffer.size(), output.size(), std::size_t{100}});
      std::copy_n(output.data(), count, buffer.data());
      output.erase(0, count);
      return count;
    }

   private:
    FakeDaemon& daemon_;
  };

  void take(std::string_view data) {
    input_ += data;
    for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      const Json request = Json::parse(input_.substr(0, end));
      input_.erase(0, end + 1);
      requests_.push_back(request);
      Json answer = answer_to(request);
      answer["jsonrpc"] = "2.0";
      answer["id"] = request["id"];
      output_ += answer.dump() + "\n";
      if (request["method"] == "hello") continue;
      for (const std::string& line : std::exchange(later_, {})) output_ += line + "\n";
      closed_ = closed_ || closes_;
    }
  }
  Json answer_to(const Json& request) {
    const Json& params = request["params"];
    if (request["method"] == "call") {
      const std::string key = params["instance"].get<std::string>() + " " + params["command"].get<std::string>();
      if (commands_.contains(key)) return commands_[key];
      return Json{{"error", {{"code", -32003}, {"message", "no such command: " + key}}}};
    }
    const auto found = answerers_.find(request["method"]);
    if (found == answerers_.end()) return Json{{"error", {{"code", -32601}, {"message", "no such method"}}}};
    return found->second(params);
  }

  std::map<std::string, Answerer> answerers_;
  std::map<std::string, Json> commands_;
  std::vector<Json> requests_;
  std::vector<std::string> later_;
  std::string input_, output_;
  bool closes_ = false;
  bool closed_ = false;
};

}  // namespace picket::commands
