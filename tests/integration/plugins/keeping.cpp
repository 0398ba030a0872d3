// SPDX-License-Identifier: Apache-2.0
//
// A sink that writes down what it has taken before it says so: DIRECTORY/taken has a line for each event's `number`,
// "NUMBER;". With `peer` the program `keeper` behind that socket does the writing, and says when it is done.
// While DIRECTORY/stall exists it takes nothing; while DIRECTORY/refuse exists it refuses every number that 7 divides.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <picket/plugin.hpp>
#include <string>
#include <vector>

namespace {

constexpr char kKeepingSchema[] = R"({
  "type": "object", "additionalProperties": false, "required": ["directory"],
  "properties": {
    "directory": {"description": "where it keeps its notes", "type": "string"},
    "peer": {"description": "socket of a program that keeps them", "type": "string", "maxLength": 107}}})";

// The connection to the program `keeper`: one packet there, one byte back. Waits for the answer; a peer that dies is
// noticed at once.
class Peer {
 public:
  explicit Peer(std::string path) : path_(std::move(path)) {}
  ~Peer() { leave(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool keep(const std::string& lines) {
    char answer = 0;
    if (connected() && send(socket_, lines.data(), lines.size(), MSG_NOSIGNAL) > 0 && recv(socket_, &answer, 1, 0) == 1)
      return true;
    leave();
    return false;
  }

 private:
  bool connected() {
    if (socket_ >= 0) return true;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    socket_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  void leave() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  const std::string path_;
  int socket_ = -1;
};

class Keeping : public picket::Plugin, public picket::Sink {
 public:
  Keeping(picket::Host host, const picket::Config& config) : Plugin(host), directory_(config.text("/directory")) {
    if (const std::string path = config.text("/peer", ""); !path.empty()) peer_.emplace(path);
  }

  void start() override {
    if (peer_) return;
    notes_.open(directory_ + "/taken", std::ios::app);
    notes_ << '\n' << std::flush;  // ends a line that an earlier life could not finish
  }
  void stop() override { notes_.close(); }

  picket_status consume(const picket::Delivery& delivery) override {
    ++deliveries_;
    if (std::filesystem::exists(directory_ + "/stall") || deliveries_ % 50 == 0) return PICKET_BUSY;
    const bool refuses = std::filesystem::exists(directory_ + "/refuse");
    std::string lines;
    std::vector<std::uint32_t> refused;
    for (std::uint32_t i = 0; i < delivery.size(); ++i) {
      const auto field = delivery[i].find(number_);
      const std::int64_t number = field ? field->integer().value_or(0) : 0;
      if (refuses && number % 7 == 0) {
        refused.push_back(i);
      } else {
        lines += std::to_string(number) + ";\n";
      }
    }
    if (peer_ && !lines.empty()) {
      if (!peer_->keep(lines)) return PICKET_BUSY;
    } else {
      notes_ << lines << std::flush;
    }
    if (refused.empty()) return PICKET_OK;
    delivery.done(PICKET_OK, refused);
    return PICKET_PENDING;
  }

 private:
  const std::string directory_;
  picket::Name number_ = host().name("number");
  std::ofstream notes_;
  std::optional<Peer> peer_;
  std::uint64_t deliveries_ = 0;
};

}  // namespace

PICKET_PLUGIN(Keeping, {.id = "keeping",
                        .version = "1",
                        .summary = "writes down what it has taken",
                        .config_schema = kKeepingSchema});
