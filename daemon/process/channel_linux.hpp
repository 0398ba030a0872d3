// SPDX-License-Identifier: Apache-2.0
//
// Frames over a Unix stream socket, with file descriptors beside them. Both the daemon and the holder have one. Never
// blocks; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "process/wire.hpp"

namespace picket::process {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void reset(int number = -1);

 private:
  int number_;
};

class Channel {
 public:
  // A connected socket.
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.get(); }

  // Appended to what is still to be sent, the descriptors beside it.
  template <typename Message>
  void send(const Message& message, std::vector<Descriptor> descriptors = {}) {
    const auto count = static_cast<unsigned>(descriptors.size());
    encode(message, count, room(std::move(descriptors)));
  }
  void send_output(const Output& output, std::string_view data) { encode_output(output, data, room({})); }
  // Sends as much as the socket takes; false: the connection is over.
  bool flush();
  std::size_t unsent() const;

  // Takes what has come; false: the connection is over. Then call next() until it has nothing more.
  bool receive();
  struct Frame {
    std::uint8_t kind = 0;
    std::string_view payload;  // valid until the next call
    std::vector<Descriptor> descriptors;
  };
  // False when there is none; `broken` then says whether the other side talks nonsense.
  bool next(Frame& frame);
  bool broken() const { return cutter_.broken() || is_short_; }

 private:
  struct Chunk {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<Descriptor> descriptors;
  };
  std::string& room(std::vector<Descriptor> descriptors);

  Descriptor socket_;
  std::deque<Chunk> out_;
  FrameCutter cutter_;
  std::deque<Descriptor> came_;
  std::vector<char> buffer_;
  bool is_short_ = false;  // a frame named more descriptors than came
};

// The address of a socket file, also where its path is too long for sockaddr_un: then by way of the open directory,
// which must stay open as long as the address is used. Returns a connected or listening socket, or -1 with errno.
int connect_to(const std::string& directory, const char* name);
int listen_at(const std::string& directory, const char* name);

// Who is at the other end.
struct Peer {
  std::int64_t user = -1;  // -1: not known
  std::int64_t pid = -1;
};
Peer peer_of(int socket);

}  // namespace picket::process
