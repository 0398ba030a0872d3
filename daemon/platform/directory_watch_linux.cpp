// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "platform/directory_watch.hpp"
#include "platform/thread_name.hpp"

namespace picket::platform {
namespace {

// Written and closed rather than each write: a file is looked at when it is whole.
constexpr std::uint32_t kWatchedChanges = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                          IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

class InotifyWatch final : public DirectoryWatch {
 public:
  InotifyWatch(int inotify, int wake, std::function<void()> on_change)
      : inotify_(inotify), wake_(wake), on_change_(std::move(on_change)), thread_([this] { run(); }) {}
  InotifyWatch(const InotifyWatch&) = delete;
  InotifyWatch& operator=(const InotifyWatch&) = delete;
  ~InotifyWatch() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
    thread_.join();
    close(inotify_);
    close(wake_);
  }

  Result<void> set(const std::vector<std::filesystem::path>& directories) override {
    Result<void> result;
    std::map<int, std::filesystem::path> now;
    for (const auto& directory : directories) {
      if (now.size() == kMaxDirectories) break;
      // The same directory keeps its number; one that was replaced under its name gets another.
      const int id = inotify_add_watch(inotify_, directory.c_str(), kWatchedChanges);
      if (id >= 0) {
        now.emplace(id, directory);
      } else if (result.ok()) {
        result = Error{"cannot watch " + directory.string() + ": " + std::generic_category().message(errno)};
      }
    }
    for (const auto& [id, directory] : watched_) {
      if (!now.contains(id)) inotify_rm_watch(inotify_, id);
    }
    watched_ = std::move(now);
    return result;
  }

 private:
  void run() {
    name_this_thread("watch");
    std::array<char, 4096> buffer{};
    while (true) {
      std::array<pollfd, 2> wanted{{{inotify_, POLLIN, 0}, {wake_, POLLIN, 0}}};
      if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return;
      if (wanted[1].revents != 0) return;
      if (wanted[0].revents == 0) continue;
      bool changed = false;
      while (true) {
        const ssize_t length = read(inotify_, buffer.data(), buffer.size());
        if (length <= 0) break;
        changed = changed || matters(buffer.data(), static_cast<std::size_t>(length));
      }
      if (changed) on_change_();
    }
  }

  // That a watch was removed is no change.
  static bool matters(const char* bytes, std::size_t length) {
    for (std::size_t at = 0; at + sizeof(inotify_event) <= length;) {
      inotify_event event{};
      std::copy_n(bytes + at, sizeof event, reinterpret_cast<char*>(&event));
      if ((event.mask & IN_IGNORED) == 0) return true;
      at += sizeof event + event.len;
    }
    return false;
  }

  const int inotify_;
  const int wake_;
  const std::function<void()> on_change_;
  std::map<int, std::filesystem::path> watched_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<DirectoryWatch>> DirectoryWatch::start(std::function<void()> on_change) {
  const int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (inotify < 0) return Error{"cannot watch directories: " + std::generic_category().message(errno)};
  const int wake = eventfd(0, EFD_CLOEXEC);
  if (wake < 0) {
    const std::string reason = std::generic_category().message(errno);
    close(inotify);
    return Error{"cannot watch directories: " + reason};
  }
  return std::unique_ptr<DirectoryWatch>(new InotifyWatch(inotify, wake, std::move(on_change)));
}

}  // namespace picket::platform
