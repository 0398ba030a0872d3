// SPDX-License-Identifier: Apache-2.0
//
// The filter of last resort: it runs in the thread that crashed, and hands on to whatever was there before, so that
// Windows Error Reporting sees the crash as ever. abort() raises no exception; SIGABRT of the C library stands in.
#include <windows.h>

#include <atomic>
#include <csignal>
#include <cwchar>
#include <string>
#include <system_error>

#include "routing/recorder/recording.hpp"
#include "service/crash_record.hpp"

namespace picket::service {
namespace {

constexpr std::size_t kCrashPath = 1'024;
constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000;  // in FILETIME's 100 ns since 1601

struct CrashState {
  routing::Recorder* recorder = nullptr;
  const routing::Names* names = nullptr;
  wchar_t path[kCrashPath] = {};  // the directory and a backslash
  std::size_t path_length = 0;
  LPTOP_LEVEL_EXCEPTION_FILTER previous = nullptr;
};
CrashState crash_state;
std::atomic<bool> crash_installed{false};
std::atomic<bool> crash_written{false};

void append_path_text(CrashState& state, const wchar_t* text) {
  const std::size_t length = std::wcslen(text);
  if (state.path_length + length >= kCrashPath) return;
  std::wmemcpy(state.path + state.path_length, text, length + 1);
  state.path_length += length;
}

void append_path_number(CrashState& state, std::uint64_t number) {
  wchar_t digits[21];
  std::size_t at = 20;
  digits[at] = 0;
  do {
    digits[--at] = static_cast<wchar_t>(L'0' + number % 10);
    number /= 10;
  } while (number != 0);
  append_path_text(state, digits + at);
}

bool write_crash_bytes(void* context, const void* data, std::size_t length) {
  DWORD written = 0;
  return WriteFile(context, data, static_cast<DWORD>(length), &written, nullptr) != 0 && written == length;
}

void write_crash_file(std::uint32_t code, std::uint64_t address) {
  if (crash_written.exchange(true)) return;
  FILETIME now{};
  GetSystemTimeAsFileTime(&now);
  const auto ticks = static_cast<std::int64_t>((std::uint64_t{now.dwHighDateTime} << 32U) | now.dwLowDateTime);
  routing::CrashReason reason;
  reason.wall_ns = (ticks - kUnixEpoch) * 100;
  reason.address = address;
  reason.process = GetCurrentProcessId();
  reason.thread = GetCurrentThreadId();
  reason.signal = code;
  append_path_text(crash_state, L"crash-");
  append_path_number(crash_state, static_cast<std::uint64_t>(reason.wall_ns / platform::kSecond));
  append_path_text(crash_state, L"-");
  append_path_number(crash_state, reason.process);
  append_path_text(crash_state, L".pktrec");
  const HANDLE file =
      CreateFileW(crash_state.path, GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return;
  write_crash_record(*crash_state.recorder, *crash_state.names, reason, {write_crash_bytes, file});
  CloseHandle(file);
}

LONG WINAPI on_unhandled_exception(EXCEPTION_POINTERS* exception) {
  const EXCEPTION_RECORD& record = *exception->ExceptionRecord;
  // An access violation names the address second.
  const bool access = record.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && record.NumberParameters >= 2;
  write_crash_file(record.ExceptionCode,
                   access ? record.ExceptionInformation[1] : reinterpret_cast<std::uintptr_t>(record.ExceptionAddress));
  return crash_state.previous != nullptr ? crash_state.previous(exception) : EXCEPTION_CONTINUE_SEARCH;
}

// When it returns, abort() ends the process.
void on_abort(int /*number*/) {
  write_crash_file(SIGABRT, 0);
}

class FilterCrashRecord final : public CrashRecord {
 public:
  FilterCrashRecord() {
    crash_state.previous = SetUnhandledExceptionFilter(on_unhandled_exception);
    previous_abort_ = std::signal(SIGABRT, on_abort);
  }
  FilterCrashRecord(const FilterCrashRecord&) = delete;
  FilterCrashRecord& operator=(const FilterCrashRecord&) = delete;
  ~FilterCrashRecord() override {
    SetUnhandledExceptionFilter(crash_state.previous);
    std::signal(SIGABRT, previous_abort_ == SIG_ERR ? SIG_DFL : previous_abort_);
    crash_state = CrashState{};
    crash_written = false;
    crash_installed = false;
  }

 private:
  void (*previous_abort_)(int) = SIG_DFL;
};

}  // namespace

Result<std::unique_ptr<CrashRecord>> CrashRecord::install(routing::Recorder& recorder, const routing::Names& names,
                                                          const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{"cannot make " + directory.string() + ": " + error.message(), PICKET_FAILED};
  const std::wstring prefix = directory.wstring() + L"\\";
  if (prefix.size() + 64 > kCrashPath) return Error{"the path " + directory.string() + " is too long", PICKET_LIMIT};
  if (crash_installed.exchange(true)) return Error{"crashes are already recorded in this process", PICKET_REFUSED};
  crash_state.recorder = &recorder;
  crash_state.names = &names;
  append_path_text(crash_state, prefix.c_str());
  return std::unique_ptr<CrashRecord>(new FilterCrashRecord());
}

}  // namespace picket::service
