// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <algorithm>

#include "platform/local_stream.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

DWORD milliseconds_of(std::int64_t nanoseconds) {
  if (nanoseconds < 0) return INFINITE;
  return static_cast<DWORD>(std::min<std::int64_t>((nanoseconds + 999'999) / 1'000'000, INFINITE - 1));
}

Error pipe_error(const std::string& what, DWORD code) {
  picket_status status = PICKET_FAILED;
  if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || code == ERROR_BROKEN_PIPE ||
      code == ERROR_NO_DATA || code == ERROR_PIPE_NOT_CONNECTED) {
    status = PICKET_NOT_FOUND;
  }
  if (code == ERROR_ACCESS_DENIED) status = PICKET_DENIED;
  if (code == ERROR_PIPE_BUSY || code == ERROR_SEM_TIMEOUT) status = PICKET_TIMEOUT;
  return {what + ": " + error_text(code), status};
}

// Overlapped, so that a wait can end; one operation at a time.
class NamedPipe final : public LocalStream {
 public:
  explicit NamedPipe(HANDLE file) : file_(file), event_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}
  NamedPipe(const NamedPipe&) = delete;
  NamedPipe& operator=(const NamedPipe&) = delete;
  ~NamedPipe() override {
    CloseHandle(event_);
    CloseHandle(file_);
  }

  Result<void> write(std::string_view data, std::int64_t timeout_ns) override {
    while (!data.empty()) {
      OVERLAPPED operation{};
      operation.hEvent = event_;
      const auto part = static_cast<DWORD>(std::min<std::size_t>(data.size(), 1U << 16U));
      const BOOL now = WriteFile(file_, data.data(), part, nullptr, &operation);
      const auto count = finish(now, operation, timeout_ns, "cannot write");
      if (!count.ok()) return count.error();
      data.remove_prefix(*count);
    }
    return {};
  }

  Result<std::size_t> read(std::span<char> buffer, std::int64_t timeout_ns) override {
    OVERLAPPED operation{};
    operation.hEvent = event_;
    const auto room = static_cast<DWORD>(std::min<std::size_t>(buffer.size(), 1U << 20U));
    const BOOL now = ReadFile(file_, buffer.data(), room, nullptr, &operation);
    auto count = finish(now, operation, timeout_ns, "cannot read");
    if (!count.ok() && count.error().status == PICKET_NOT_FOUND) return std::size_t{0};
    return count;
  }

 private:
  Result<std::size_t> finish(BOOL now, OVERLAPPED& operation, std::int64_t timeout_ns, const char* what) {
    if (now == 0) {
      // Part of a message: the rest comes with the next read.
      const DWORD code = GetLastError();
      if (code != ERROR_IO_PENDING && code != ERROR_MORE_DATA) return pipe_error(what, code);
      if (code == ERROR_IO_PENDING && WaitForSingleObject(event_, milliseconds_of(timeout_ns)) == WAIT_TIMEOUT) {
        CancelIo(file_);
        DWORD ignored = 0;
        GetOverlappedResult(file_, &operation, &ignored, TRUE);
        if (ignored == 0) return Error{"nothing happened in time", PICKET_TIMEOUT};
        return static_cast<std::size_t>(ignored);
      }
    }
    DWORD count = 0;
    if (GetOverlappedResult(file_, &operation, &count, TRUE) == 0 && GetLastError() != ERROR_MORE_DATA) {
      return pipe_error(what, GetLastError());
    }
    return static_cast<std::size_t>(count);
  }

  const HANDLE file_;
  const HANDLE event_;
};

}  // namespace

std::string LocalStream::default_address() {
  return R"(\\.\pipe\picket)";
}

Result<std::unique_ptr<LocalStream>> LocalStream::connect(const std::string& address, std::int64_t timeout_ns) {
  const std::wstring name = to_wide(address);
  for (int attempt = 0; attempt < 2; ++attempt) {
    // The server may learn who we are, and no more.
    const HANDLE file = CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
    if (file != INVALID_HANDLE_VALUE) return std::unique_ptr<LocalStream>(new NamedPipe(file));
    if (GetLastError() != ERROR_PIPE_BUSY || WaitNamedPipeW(name.c_str(), milliseconds_of(timeout_ns)) == 0) break;
  }
  return pipe_error("cannot connect", GetLastError());
}

}  // namespace picket::platform
