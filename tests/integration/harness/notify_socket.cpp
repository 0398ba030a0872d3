// SPDX-License-Identifier: Apache-2.0
#include "notify_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include "process.hpp"

namespace picket::integration {

NotifyReceiver::NotifyReceiver(const std::filesystem::path& path) : address_(path.string()) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (address_.size() >= sizeof address.sun_path) throw std::runtime_error(address_ + " is too long for a socket");
  std::memcpy(address.sun_path, address_.data(), address_.size());
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot bind " + address_);
  }
}

NotifyReceiver::~NotifyReceiver() {
  close(socket_);
}

const std::vector<std::string>& NotifyReceiver::messages() {
  std::array<char, 4'096> buffer{};
  for (;;) {
    const ssize_t length = recv(socket_, buffer.data(), buffer.size(), 0);
    if (length < 0) return messages_;
    messages_.emplace_back(buffer.data(), static_cast<std::size_t>(length));
  }
}

std::vector<std::string> NotifyReceiver::values(const std::string& key) {
  std::vector<std::string> result;
  for (const std::string& message : messages()) {
    std::istringstream lines(message);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(key + "=")) result.push_back(line.substr(key.size() + 1));
    }
  }
  return result;
}

bool NotifyReceiver::wait_for(const std::string& key, std::size_t count) {
  return wait_until([&] { return values(key).size() >= count; });
}

}  // namespace picket::integration
