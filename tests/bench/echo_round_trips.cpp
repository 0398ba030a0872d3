// SPDX-License-Identifier: Apache-2.0
//
// Round trips of one line on a Unix stream socket, for `door_bench echo` (Linux):
//
//   echo_round_trips serve PATH                 a bare epoll server that sends back what it reads: the floor
//   echo_round_trips ask PATH MESSAGES CLIENTS  writes a line of 64 bytes on each connection, reads until each is
//                                               answered, and again; prints the microseconds of such a round:
//                                               p50 and p99
//
// Both end on a signal, or when something fails; nothing is waited for longer than ten minutes (alarm).
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr unsigned kLongestSeconds = 600;
constexpr int kBacklog = 128;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_un address_of(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  return address;
}

void watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

[[noreturn]] void serve(const char* path) {
  const sockaddr_un address = address_of(path);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(path);
  if (::listen(listener, kBacklog) != 0) fail(path);
  const int epoll = ::epoll_create1(0);
  watch(epoll, listener);
  std::array<char, 65'536> buffer{};
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int who = events[static_cast<std::size_t>(i)].data.fd;
      if (who == listener) {
        watch(epoll, ::accept(listener, nullptr, nullptr));
        continue;
      }
      const ssize_t size = ::read(who, buffer.data(), buffer.size());
      if (size <= 0 || ::write(who, buffer.data(), static_cast<std::size_t>(size)) != size) ::close(who);
    }
  }
}

void ask(const char* path, std::size_t messages, std::size_t clients) {
  const sockaddr_un address = address_of(path);
  std::vector<int> sockets;
  for (std::size_t i = 0; i < clients; ++i) {
    sockets.push_back(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (::connect(sockets.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(path);
  }
  const std::string line = std::string(63, 'x') + "\n";
  std::array<char, 65'536> buffer{};
  std::vector<double> rounds;
  for (std::size_t sent = 0; sent < messages; sent += clients) {
    const auto began = std::chrono::steady_clock::now();
    for (const int to : sockets) {
      if (::write(to, line.data(), line.size()) != static_cast<ssize_t>(line.size())) fail("write");
    }
    for (const int from : sockets) {
      for (std::size_t got = 0; got < line.size();) {
        const ssize_t size = ::read(from, buffer.data(), buffer.size());
        if (size <= 0) fail("read");
        got += static_cast<std::size_t>(size);
      }
    }
    rounds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%.2f %.2f\n", rounds[rounds.size() / 2], rounds[rounds.size() * 99 / 100]);
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::max<std::size_t>(value, 1);
}

}  // namespace

int main(int count, char** arguments) {
  ::alarm(kLongestSeconds);
  const std::string_view what = count > 2 ? arguments[1] : "";
  if (what == "serve" && count == 3) serve(arguments[2]);
  if (what == "ask" && count == 5) {
    ask(arguments[2], number(arguments[3]), number(arguments[4]));
    return 0;
  }
  std::fputs("echo_round_trips serve PATH | ask PATH MESSAGES CLIENTS\n", stderr);
  return 2;
}
