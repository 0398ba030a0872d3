// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <cstdio>
#include <memory>

#include "platform/child_process.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

struct CloseIt {
  void operator()(void* handle) const { CloseHandle(handle); }
};
using OwnHandle = std::unique_ptr<void, CloseIt>;

Error child_failure(const std::string& what) {
  return Error{what + ": Windows error " + std::to_string(GetLastError())};
}

// As CommandLineToArgvW reads it back: backslashes count only before a quote.
std::wstring quoted_word(const std::wstring& word) {
  std::wstring text = L"\"";
  std::size_t slashes = 0;
  for (const wchar_t c : word) {
    if (c == L'\\') {
      ++slashes;
      continue;
    }
    text.append(c == L'"' ? slashes * 2 + 1 : slashes, L'\\');
    slashes = 0;
    text += c;
  }
  text.append(slashes * 2, L'\\');
  return text + L"\"";
}

// Everything in the job ends when its last handle is closed: ours.
Result<OwnHandle> make_job() {
  OwnHandle job(CreateJobObjectW(nullptr, nullptr));
  if (!job) return child_failure("no job can be made for a child");
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits)) {
    return child_failure("the job of a child cannot be set up");
  }
  return job;
}

// A handle that a child may inherit.
OwnHandle open_for_child(const wchar_t* path, DWORD access, DWORD disposition) {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  const HANDLE handle = CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, disposition,
                                    FILE_ATTRIBUTE_NORMAL, nullptr);
  return OwnHandle(handle == INVALID_HANDLE_VALUE ? nullptr : handle);
}

}  // namespace

Result<ChildEnd> run_child(const ChildProgram& child, std::int64_t timeout_ns) {
  std::wstring line = quoted_word(child.program.wstring());
  for (const std::string& word : child.arguments) line += L" " + quoted_word(to_wide(word));
  const std::string program = to_utf8(child.program.native());
  auto job = make_job();
  if (!job.ok()) return job.error();
  const OwnHandle output = open_for_child(child.output.c_str(), GENERIC_WRITE, CREATE_ALWAYS);
  const OwnHandle input = open_for_child(L"NUL", GENERIC_READ, OPEN_EXISTING);
  if (!output || !input) return child_failure(to_utf8(child.output.native()) + " cannot be written");
  STARTUPINFOW start{};
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = input.get();
  start.hStdOutput = output.get();
  start.hStdError = output.get();
  PROCESS_INFORMATION made{};
  if (!CreateProcessW(child.program.c_str(), line.data(), nullptr, nullptr, TRUE, CREATE_SUSPENDED | CREATE_NO_WINDOW,
                      nullptr, nullptr, &start, &made)) {
    return child_failure(program + " cannot be started");
  }
  const OwnHandle process(made.hProcess);
  const OwnHandle thread(made.hThread);
  if (!AssignProcessToJobObject(job->get(), process.get())) {
    TerminateProcess(process.get(), 1);
    return child_failure(program + " cannot be put into its job");
  }
  ResumeThread(thread.get());
  const std::int64_t most_ms = timeout_ns / 1'000'000 + 1;
  const DWORD wait_ms = most_ms >= INFINITE ? INFINITE - 1 : static_cast<DWORD>(most_ms);
  if (WaitForSingleObject(process.get(), wait_ms) != WAIT_OBJECT_0) {
    TerminateJobObject(job->get(), 1);
    WaitForSingleObject(process.get(), INFINITE);
    return ChildEnd{ChildEnd::Kind::timed_out, 0};
  }
  DWORD code = 0;
  GetExitCodeProcess(process.get(), &code);
  // An exception that nobody handled is the exit code; those of errors begin with 0xC.
  const bool crashed = code >= 0xC0000000U;
  return ChildEnd{crashed ? ChildEnd::Kind::crashed : ChildEnd::Kind::exited, static_cast<int>(code)};
}

std::string describe_crash(int code) {
  switch (static_cast<DWORD>(code)) {
    case EXCEPTION_ACCESS_VIOLATION:
      return "an access violation: it touched memory that is not its own";
    case EXCEPTION_STACK_OVERFLOW:
      return "a stack overflow: it calls itself without end";
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
      return "it divided an integer by zero";
    case EXCEPTION_ILLEGAL_INSTRUCTION:
      return "it ran an instruction that this processor does not know";
    default: {
      char text[32];
      std::snprintf(text, sizeof text, "exception 0x%08lX", static_cast<unsigned long>(static_cast<DWORD>(code)));
      return text;
    }
  }
}

// That it ends with its parent is the job's part.
void become_expendable(const std::filesystem::path& folder) {
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  SetEnvironmentVariableW(L"TMP", folder.c_str());
  SetEnvironmentVariableW(L"TEMP", folder.c_str());
}

}  // namespace picket::platform
