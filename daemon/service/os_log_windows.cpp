// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <atomic>
#include <mutex>

#include "platform/text_windows.hpp"
#include "service/os_log.hpp"

namespace picket::service {
namespace {

// The Event Log, under the source `Picket` of the log `Application`. Without a registered message file the viewer shows
// the strings as they are, which is the message and then `key=value` lines.
class OsLogWindows final : public OsLog {
 public:
  OsLogWindows() : source_(RegisterEventSourceW(nullptr, L"Picket")) {}
  OsLogWindows(const OsLogWindows&) = delete;
  OsLogWindows& operator=(const OsLogWindows&) = delete;
  ~OsLogWindows() override {
    if (source_ != nullptr) DeregisterEventSource(source_);
  }

  void configure(const OsLogSettings& settings) override { enabled_ = settings.enabled; }

  picket_status write(const OsLogRecord& record) override {
    if (!enabled_ || source_ == nullptr) return PICKET_NOT_FOUND;
    constexpr std::size_t kLongest = 31'839;  // characters of one string, as ReportEvent documents
    std::wstring text = platform::to_wide(record.message) + L"\ninstance=" + platform::to_wide(record.instance);
    for (const auto& [key, value] : record.fields) {
      text += L"\n" + platform::to_wide(key) + L"=" + platform::to_wide(value);
    }
    if (text.size() > kLongest) text.resize(kLongest);
    const int priority = syslog_priority(record.severity);
    const WORD type = priority <= 3   ? EVENTLOG_ERROR_TYPE
                      : priority == 4 ? EVENTLOG_WARNING_TYPE
                                      : EVENTLOG_INFORMATION_TYPE;
    const wchar_t* strings[] = {text.c_str()};
    if (ReportEventW(source_, type, 0, record.event_id, nullptr, 1, 0, strings, nullptr) != 0) return PICKET_OK;
    lost_.fetch_add(1, std::memory_order_relaxed);
    return PICKET_BUSY;
  }

  std::uint64_t lost() const override { return lost_.load(std::memory_order_relaxed); }

 private:
  const HANDLE source_;
  std::atomic<bool> enabled_{false};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace

std::shared_ptr<OsLog> OsLog::make() {
  return std::make_shared<OsLogWindows>();
}

}  // namespace picket::service
