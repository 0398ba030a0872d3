// SPDX-License-Identifier: Apache-2.0
//
// read_crash_record(): section by section; one that is wrong is left out and named, and the search goes on behind it.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "routing/batch_validate.hpp"
#include "routing/recorder/format.hpp"
#include "routing/recorder/recording.hpp"
#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

// Takes bytes from the front.
class RecordBytes {
 public:
  explicit RecordBytes(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  bool take(T& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }
  bool take(std::uint64_t length, std::string_view& part) {
    if (rest_.size() < length) return false;
    part = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }
  bool take(void* to, std::uint64_t length) {
    std::string_view part;
    if (!take(length, part)) return false;
    if (length != 0) std::memcpy(to, part.data(), length);
    return true;
  }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// As the log writes them: an object on one line.
bool is_record(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return text.starts_with("{\"") && std::none_of(text.begin(), text.end(), control) &&
         nlohmann::json::parse(text, nullptr, false).is_object();
}

class RecordingReader {
 public:
  explicit RecordingReader(Recording& recording) : recording_(recording) {}

  void section(std::uint32_t tag, std::string_view body) {
    switch (tag) {
      case record_format::kNames:
        return names(body);
      case record_format::kLines:
        return lines(body);
      case record_format::kDecisions:
        return decisions(body);
      case record_format::kBatch:
        return batch(body);
      case record_format::kEnd:
        ended_ = true;
        return;
      default:
        problem("a section of the unknown kind " + std::to_string(tag) + " is left out");
    }
  }

  bool ended() const { return ended_; }
  void problem(std::string text) {
    if (recording_.problems.size() < 100) recording_.problems.push_back(std::move(text));
  }
  void sort() {
    auto& all = recording_.contents;
    const auto by_serial = [](const auto& a, const auto& b) { return a.serial < b.serial; };
    std::stable_sort(all.batches.begin(), all.batches.end(), by_serial);
    std::stable_sort(all.decisions.begin(), all.decisions.end(), by_serial);
    std::stable_sort(all.lines.begin(), all.lines.end(), by_serial);
  }

 private:
  void names(std::string_view body) {
    if (recording_.names.size() != 0) return problem("a second table of names is left out");
    RecordBytes bytes(body);
    while (!bytes.empty()) {
      std::uint16_t length = 0;
      std::string_view text;
      if (!bytes.take(length) || !bytes.take(length, text)) return problem("the table of names is cut");
      const std::uint32_t next = recording_.names.size() + 1;
      if (!is_valid_utf8(text) || recording_.names.intern(text) != next) {
        return problem("name " + std::to_string(next) + " is none, or is there twice");
      }
    }
  }

  void lines(std::string_view body) {
    RecordBytes bytes(body);
    while (!bytes.empty()) {
      record_format::LineHead head{};
      std::string_view text;
      if (!bytes.take(head) || !bytes.take(head.length, text)) return problem("the log lines are cut");
      if (head.length > Recorder::kMaxLine || !is_record(text)) {
        problem("a log line is no JSON object");
        continue;
      }
      recording_.contents.lines.push_back({head.serial, std::string(text)});
    }
  }

  void decisions(std::string_view body) {
    if (body.size() % sizeof(Decision) != 0) problem("the decisions are cut");
    RecordBytes bytes(body);
    Decision decision;
    while (bytes.take(decision)) {
      const auto known = [&](picket_name name) { return name <= recording_.names.size(); };
      if (decision.kind < 1 || decision.kind > 4 || !known(decision.source) || !known(decision.route) ||
          !known(decision.destination)) {
        problem("a decision makes no sense");
        continue;
      }
      recording_.contents.decisions.push_back(decision);
    }
  }

  void batch(std::string_view body) {
    RecordBytes bytes(body);
    record_format::BatchHead head{};
    if (!bytes.take(head)) return problem("a batch is cut");
    const std::uint64_t events = std::uint64_t{head.events} * sizeof(picket_event);
    const std::uint64_t fields = std::uint64_t{head.fields} * sizeof(picket_field);
    if (bytes.rest().size() != events + fields + head.bytes) return problem("a batch has another size than it says");
    picket_batch* const made = batch_new(head.events, head.fields, head.bytes);
    if (made == nullptr) return problem("a batch is over the limits of one");
    BatchRef batch = BatchRef::adopt(made);
    bytes.take(made->events, events);
    bytes.take(made->fields, fields);
    bytes.take(made->bytes, head.bytes);
    made->event_count = head.events;
    made->field_count = head.fields;
    made->byte_count = head.bytes;
    if (const auto valid = validate_batch(*made, recording_.names.size()); !valid.ok()) {
      return problem("a batch is left out: " + valid.error().message);
    }
    recording_.contents.batches.push_back({head.serial, std::move(batch)});
  }

  Recording& recording_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Recording>> read_crash_record(std::string_view file) {
  RecordBytes bytes(file);
  record_format::Head head{};
  if (!bytes.take(head) || std::memcmp(head.magic, record_format::kMagic, sizeof head.magic) != 0) {
    return Error{"this is no record of a crash", PICKET_INVALID};
  }
  if (head.byte_order != record_format::kByteOrder) {
    return Error{"written on a machine with another order of bytes; read it there", PICKET_UNSUPPORTED};
  }
  if (head.version != record_format::kVersion) {
    return Error{"version " + std::to_string(head.version) + " of the format; this program reads version " +
                     std::to_string(record_format::kVersion),
                 PICKET_UNSUPPORTED};
  }
  auto recording = std::make_unique<Recording>();
  recording->reason = {head.wall_ns, head.address, head.process, head.thread, head.signal, head.code};
  recording->contents.left_out = head.left_out;
  RecordingReader reader(*recording);
  while (!reader.ended()) {
    record_format::Section section{};
    std::string_view body;
    if (!bytes.take(section)) {
      reader.problem("the file is cut");
      break;
    }
    if (section.mark != record_format::kMark) {
      reader.problem("the file is damaged; what comes after byte " +
                     std::to_string(file.size() - bytes.rest().size() - sizeof section) + " is lost");
      break;
    }
    if (!bytes.take(section.length, body)) {
      reader.problem("the file is cut");
      break;
    }
    reader.section(section.tag, body);
  }
  reader.sort();
  return recording;
}

}  // namespace picket::routing
