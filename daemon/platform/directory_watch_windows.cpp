// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <array>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "platform/directory_watch.hpp"
#include "platform/text_windows.hpp"
#include "platform/thread_name.hpp"

namespace picket::platform {
namespace {

constexpr DWORD kWatchedChanges = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME |
                                  FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SIZE |
                                  FILE_NOTIFY_CHANGE_ATTRIBUTES;

// One directory that is listened to. Its buffer is written by the kernel while a request is open.
class WatchedDirectory {
 public:
  WatchedDirectory(HANDLE directory, HANDLE event) : directory_(directory) { overlapped_.hEvent = event; }
  WatchedDirectory(const WatchedDirectory&) = delete;
  WatchedDirectory& operator=(const WatchedDirectory&) = delete;
  ~WatchedDirectory() {
    if (open_) {
      CancelIoEx(directory_, &overlapped_);
      DWORD length = 0;
      GetOverlappedResult(directory_, &overlapped_, &length, TRUE);  // the buffer is ours again
    }
    CloseHandle(directory_);
    CloseHandle(overlapped_.hEvent);
  }

  HANDLE event() const { return overlapped_.hEvent; }

  bool listen() {
    ResetEvent(overlapped_.hEvent);
    open_ = ReadDirectoryChangesW(directory_, buffer_.data(), static_cast<DWORD>(buffer_.size() * sizeof(DWORD)), FALSE,
                                  kWatchedChanges, nullptr, &overlapped_, nullptr) != 0;
    return open_;
  }
  // After event() was set. That the buffer was too small for all that happened is a change, too.
  bool changed() {
    DWORD length = 0;
    open_ = false;
    return GetOverlappedResult(directory_, &overlapped_, &length, FALSE) != 0 ||
           GetLastError() == ERROR_NOTIFY_ENUM_DIR;
  }

 private:
  const HANDLE directory_;
  OVERLAPPED overlapped_{};
  bool open_ = false;
  std::array<DWORD, 1024> buffer_{};  // aligned as the records are
};

class ChangesWatch final : public DirectoryWatch {
 public:
  ChangesWatch(HANDLE wake, std::function<void()> on_change)
      : wake_(wake), on_change_(std::move(on_change)), thread_([this] { run(); }) {}
  ChangesWatch(const ChangesWatch&) = delete;
  ChangesWatch& operator=(const ChangesWatch&) = delete;
  ~ChangesWatch() override {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
    }
    SetEvent(wake_);
    thread_.join();
    CloseHandle(wake_);
  }

  Result<void> set(const std::vector<std::filesystem::path>& directories) override {
    Result<void> result;
    std::vector<std::shared_ptr<WatchedDirectory>> now;
    for (const auto& path : directories) {
      if (now.size() == kMaxDirectories) break;
      const HANDLE directory =
          CreateFileW(path.c_str(), FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, nullptr);
      if (directory == INVALID_HANDLE_VALUE) {
        if (result.ok()) result = Error{"cannot watch " + to_utf8(path.native()) + ": " + last_error_text()};
        continue;
      }
      const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
      if (event == nullptr) {
        if (result.ok()) result = Error{"cannot watch " + to_utf8(path.native()) + ": " + last_error_text()};
        CloseHandle(directory);
        continue;
      }
      auto watched = std::make_shared<WatchedDirectory>(directory, event);
      if (watched->listen()) {
        now.push_back(std::move(watched));
      } else if (result.ok()) {
        result = Error{"cannot watch " + to_utf8(path.native()) + ": " + last_error_text()};
      }
    }
    {
      const std::scoped_lock lock(mutex_);
      wanted_ = std::move(now);
      fresh_ = true;
    }
    SetEvent(wake_);
    return result;
  }

 private:
  void run() {
    name_this_thread("watch");
    std::vector<std::shared_ptr<WatchedDirectory>> watched;
    while (true) {
      std::vector<HANDLE> events{wake_};
      for (const auto& each : watched) events.push_back(each->event());
      const DWORD signalled = WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(), FALSE, INFINITE);
      if (signalled == WAIT_OBJECT_0) {
        const std::scoped_lock lock(mutex_);
        ResetEvent(wake_);
        if (over_) return;
        if (std::exchange(fresh_, false)) watched = std::move(wanted_);
        continue;
      }
      const std::size_t index = signalled - WAIT_OBJECT_0 - 1;
      if (signalled < WAIT_OBJECT_0 || index >= watched.size()) return;  // it cannot wait any more
      bool changed = watched[index]->changed();
      if (!watched[index]->listen()) {  // the directory was removed
        watched.erase(watched.begin() + static_cast<std::ptrdiff_t>(index));
        changed = true;
      }
      if (changed) on_change_();
    }
  }

  const HANDLE wake_;
  const std::function<void()> on_change_;
  std::mutex mutex_;                                       // guards what follows
  std::vector<std::shared_ptr<WatchedDirectory>> wanted_;  // for the thread to take over
  bool fresh_ = false;
  bool over_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<DirectoryWatch>> DirectoryWatch::start(std::function<void()> on_change) {
  const HANDLE wake = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  if (wake == nullptr) return Error{"cannot watch directories: " + last_error_text()};
  return std::unique_ptr<DirectoryWatch>(new ChangesWatch(wake, std::move(on_change)));
}

}  // namespace picket::platform
