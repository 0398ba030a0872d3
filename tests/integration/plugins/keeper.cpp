// SPDX-License-Identifier: Apache-2.0
//
// keeper SOCKET FILE: the far end of the plugin `keeping`, as a program that can be killed by itself. Appends each
// packet of a Unix seqpacket socket to the file, and then answers it with one byte. Says "ready" once it listens. One
// client at a time.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace {

bool write_all(int file, const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t written = write(file, data, static_cast<std::size_t>(size));
    if (written <= 0) return false;
    data += written;
    size -= written;
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 64;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(words[1]) >= sizeof address.sun_path) return 64;
  std::strcpy(address.sun_path, words[1]);
  unlink(words[1]);
  const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  const int file = open(words[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  // The first byte ends a line that an earlier life could not finish.
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener, 4) != 0 ||
      !write_all(file, "\n", 1)) {
    std::perror("keeper");
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  std::array<char, 65'536> packet{};
  while (true) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return 1;
    for (ssize_t size = 0; (size = recv(client, packet.data(), packet.size(), 0)) > 0;) {
      if (!write_all(file, packet.data(), size)) return 1;
      if (send(client, "k", 1, MSG_NOSIGNAL) != 1) break;
    }
    close(client);
  }
}
