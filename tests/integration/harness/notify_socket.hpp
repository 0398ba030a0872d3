// SPDX-License-Identifier: Apache-2.0
//
// The service manager's end of systemd's notify protocol (sd_notify(3)): a datagram socket that remembers what came.
// Single thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace picket::integration {

class NotifyReceiver {
 public:
  // Throws std::runtime_error when the socket cannot be made at that path.
  explicit NotifyReceiver(const std::filesystem::path& path);
  ~NotifyReceiver();
  NotifyReceiver(const NotifyReceiver&) = delete;
  NotifyReceiver& operator=(const NotifyReceiver&) = delete;

  // Value of NOTIFY_SOCKET.
  const std::string& address() const { return address_; }

  // Every datagram so far, in order.
  const std::vector<std::string>& messages();
  // Lines "KEY=value" of all of them with that key, in order; only the values.
  std::vector<std::string> values(const std::string& key);
  // True as soon as at least `count` values of that key have come; false when kPatience is over.
  bool wait_for(const std::string& key, std::size_t count = 1);

 private:
  std::string address_;
  int socket_ = -1;
  std::vector<std::string> messages_;
};

}  // namespace picket::integration
