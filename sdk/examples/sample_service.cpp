// SPDX-License-Identifier: Apache-2.0
//
// A service for local clients: answers each message `You sent me: ...`, counts clients and bytes (a viewer shows them
// per second), and writes records to the operating system's event log. Its clients come through a pipe server:
//
//   sample: {type: sample_service}
//   door:   {type: pipe_server, listen: {path: /run/picket/sample.sock, protocol: message, handler: sample}}
//
//   echo 'Hi there' | socat - UNIX-CONNECT:/run/picket/sample.sock
#include <atomic>
#include <picket/plugin.hpp>
#include <string>

namespace {

constexpr picket::OsLogKind kStarted{"5e8b1c1d7f0a4c0d9a4e3c1b2d6f7a01", 0x1002};
constexpr picket::OsLogKind kStopped{"5e8b1c1d7f0a4c0d9a4e3c1b2d6f7a02", 0x1004};
constexpr picket::OsLogKind kProcessed{"5e8b1c1d7f0a4c0d9a4e3c1b2d6f7a03", 0x00FF};

class SampleService : public picket::Plugin, public picket::MessageHandler {
 public:
  SampleService(picket::Host host, const picket::Config& /*config*/) : Plugin(host) {}

  void start() override { log_.write(kStarted, "The Sample service has started."); }
  // Comes when every client has had its answer.
  void stop() override {
    log_.write(kStopped,
               "The Sample service has stopped after processing " + std::to_string(served_) + " connections.");
  }

  // Before anything is read: a client that leaves silently counts as well.
  void opened(const picket::Conversation& /*conversation*/, const picket::Client& /*client*/) override {
    connections_.add();
    ++served_;
  }

  // On a thread of the server's, at the same time as start() and stop(): hence the atomic number.
  void message(const picket::Conversation& conversation, std::string_view text) override {
    if (conversation.reply("You sent me: " + std::string(text)) != PICKET_OK) return;  // it has gone
    bytes_.add(text.size());
    log_.write(kProcessed, "Processed " + std::to_string(text.size()) + " bytes for client connection");
  }

 private:
  picket::OsLog log_ = host().os_log();
  picket::Counter connections_{host(), "connections", "{connection}", "clients that connected"};
  picket::Counter bytes_{host(), "bytes", "By", "bytes of messages that were answered"};
  std::atomic<std::uint64_t> served_{0};
};

}  // namespace

PICKET_PLUGIN(SampleService, {.id = "sample_service",
                              .version = "1.0.0",
                              .summary = "answers local clients, counts them, and keeps records of it",
                              .config_schema = R"({"type": "object", "additionalProperties": false})"});
