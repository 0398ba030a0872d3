// SPDX-License-Identifier: Apache-2.0
#include "process/wire.hpp"

#include <type_traits>
#include <utility>

namespace picket::process {
namespace {

// One function for each struct names its members in order, for the writer and the reader alike.
template <typename A>
void members(A& a, Identity& v) {
  a(v.pid, v.start_time, v.boot_id);
}
template <typename A>
void members(A& a, Member& v) {
  a(v.pid, v.name);
}
template <typename A>
void members(A& a, StreamSpec& v) {
  a(v.flags, v.file, v.rotate_bytes, v.rotate_age_ns, v.rotate_keep, v.backlog_memory, v.backlog_disk);
}
template <typename A>
void members(A& a, Limits& v) {
  a(v.memory_max, v.memory_high, v.swap_max, v.cpu_milli, v.cpu_weight, v.tasks_max);
}
template <typename A>
void members(A& a, Tuning& v) {
  a(v.flags, v.nice, v.io_class, v.io_level, v.oom_score, v.cpus);
}
template <typename A>
void members(A& a, Rlimit& v) {
  a(v.name, v.soft, v.hard);
}
template <typename A>
void members(A& a, Hello& v) {
  a(v.version);
}
template <typename A>
void members(A& a, Attach& v) {
  a(v.instance);
}
template <typename A>
void members(A& a, Detach& v) {
  a(v.instance);
}
template <typename A>
void members(A& a, Start& v) {
  a(v.id, v.instance, v.key, v.blob, v.flags, v.arguments, v.environment, v.directory, v.uid, v.gid, v.groups, v.umask,
    v.rlimits, v.socket_names, v.tuning, v.limits, v.output, v.error_output);
}
template <typename A>
void members(A& a, Signal& v) {
  a(v.id, v.signal, v.flags);
}
template <typename A>
void members(A& a, End& v) {
  a(v.id, v.signal, v.flags, v.timeout_ns);
}
template <typename A>
void members(A& a, Limit& v) {
  a(v.id, v.limits);
}
template <typename A>
void members(A& a, Tune& v) {
  a(v.id, v.tuning);
}
template <typename A>
void members(A& a, SetMain& v) {
  a(v.id, v.pid);
}
template <typename A>
void members(A& a, SetBlob& v) {
  a(v.id, v.blob);
}
template <typename A>
void members(A& a, Acknowledge& v) {
  a(v.id, v.stream, v.offset);
}
template <typename A>
void members(A& a, Rotate& v) {
  a(v.id);
}
template <typename A>
void members(A& a, Forget& v) {
  a(v.id);
}
template <typename A>
void members(A& a, Measure& v) {
  a(v.id);
}
template <typename A>
void members(A& a, Watch& v) {
  a(v.id, v.instance, v.process);
}
template <typename A>
void members(A& a, TakeStream& v) {
  a(v.id, v.spec, v.stream, v.offset);
}
template <typename A>
void members(A& a, Welcome& v) {
  a(v.version, v.holder, v.ability, v.risk, v.next_id);
}
template <typename A>
void members(A& a, Found& v) {
  a(v.id, v.instance, v.key, v.blob, v.state, v.leader, v.started_ns, v.started_wall_ns, v.acknowledged[0],
    v.acknowledged[1], v.flags, v.output, v.error_output);
}
template <typename A>
void members(A& a, Listed& v) {
  a(v.instance);
}
template <typename A>
void members(A& a, Started& v) {
  a(v.id, v.leader, v.pipes);
}
template <typename A>
void members(A& a, Failed& v) {
  a(v.id, v.of_start, v.step, v.system_error, v.message);
}
template <typename A>
void members(A& a, Output& v) {
  a(v.id, v.stream, v.flags, v.offset, v.dropped, v.time_ns, v.data);  // encode_output: `data` is the last one
}
template <typename A>
void members(A& a, Notified& v) {
  a(v.id, v.sender, v.message);
}
template <typename A>
void members(A& a, Exited& v) {
  a(v.id, v.how, v.value, v.flags, v.ended_ns, v.ended_wall_ns, v.user_ns, v.system_ns, v.peak_memory);
}
template <typename A>
void members(A& a, Stragglers& v) {
  a(v.id, v.count, v.members);
}
template <typename A>
void members(A& a, Emptied& v) {
  a(v.id, v.flags, v.killed, v.adopted);
}
template <typename A>
void members(A& a, Measured& v) {
  a(v.id, v.processes, v.user_ns, v.system_ns, v.memory, v.peak_memory, v.read_bytes, v.written_bytes, v.threads,
    v.oom_kills);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <typename... T>
  void operator()(T&... values) {
    (put(values), ...);
  }
  template <typename T>
  void number(T value) {
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i, rest >>= 8U) out_.push_back(static_cast<char>(rest & 0xFFU));
  }

 private:
  void put(std::string& text) {
    number(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void put(std::array<std::uint8_t, 16>& bytes) { out_.append(bytes.begin(), bytes.end()); }
  template <typename T>
  void put(std::vector<T>& list) {
    number(static_cast<std::uint32_t>(list.size()));
    for (T& item : list) put(item);
  }
  template <typename T>
  void put(T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      number(value);
    } else {
      members(*this, value);
    }
  }

  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool good() const { return good_; }

  template <typename... T>
  void operator()(T&... values) {
    (take(values), ...);
  }

 private:
  // An older side ends a payload sooner, between two members.
  bool ended() const { return bytes_.empty() || !good_; }
  std::string_view cut(std::size_t length) {
    if (length > bytes_.size()) {
      good_ = false;
      length = 0;
    }
    const std::string_view part = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return part;
  }
  template <typename T>
  T number() {
    const std::string_view part = cut(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = part.size(); i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(part[i]);
    return static_cast<T>(value);
  }

  void take(std::string& text) {
    if (!ended()) text = cut(number<std::uint32_t>());
  }
  void take(std::array<std::uint8_t, 16>& bytes) {
    if (ended()) return;
    const std::string_view part = cut(bytes.size());
    for (std::size_t i = 0; i < part.size(); ++i) bytes[i] = static_cast<std::uint8_t>(part[i]);
  }
  template <typename T>
  void take(std::vector<T>& list) {
    if (ended()) return;
    const auto count = number<std::uint32_t>();
    // Every item has at least one byte, so a count that lies asks for no memory.
    if (count > bytes_.size()) good_ = false;
    for (std::uint32_t i = 0; good_ && i < count; ++i) take(list.emplace_back());
  }
  void take(bool& value) {
    if (!ended()) value = number<std::uint8_t>() != 0;
  }
  template <typename T>
  void take(T& value) {
    if (ended()) return;
    if constexpr (std::is_arithmetic_v<T>) {
      value = number<T>();
    } else {
      members(*this, value);
    }
  }

  std::string_view bytes_;
  bool good_ = true;
};

void put_header(std::string& out, std::size_t at, std::size_t length, std::size_t kind, unsigned descriptors) {
  std::string header;
  Writer writer(header);
  writer.number(static_cast<std::uint32_t>(length));
  writer.number(static_cast<std::uint8_t>(kind));
  writer.number(static_cast<std::uint8_t>(descriptors));
  writer.number(std::uint16_t{0});
  out.replace(at, kFrameHeader, header);
}

template <typename Variant>
void encode_frame(const Variant& message, unsigned descriptors, std::string& out) {
  const std::size_t at = out.size();
  out.append(kFrameHeader, '\0');
  Writer writer(out);
  // `members` is shared with the reader, hence not const; the writer changes nothing.
  std::visit([&](const auto& value) { members(writer, const_cast<std::remove_cvref_t<decltype(value)>&>(value)); },
             message);
  put_header(out, at, out.size() - at - kFrameHeader, message.index(), descriptors);
}

template <typename Variant, std::size_t Index = 0>
std::optional<Variant> decode_alternative(std::size_t kind, std::string_view payload) {
  if constexpr (Index == std::variant_size_v<Variant>) {
    return std::nullopt;
  } else {
    if (kind != Index) return decode_alternative<Variant, Index + 1>(kind, payload);
    std::variant_alternative_t<Index, Variant> value;
    Reader reader(payload);
    members(reader, value);
    if (!reader.good()) return std::nullopt;
    return Variant(std::in_place_index<Index>, std::move(value));
  }
}

}  // namespace

void encode(const Order& order, unsigned descriptors, std::string& out) {
  encode_frame(order, descriptors, out);
}

void encode(const Report& report, unsigned descriptors, std::string& out) {
  encode_frame(report, descriptors, out);
}

void encode_output(const Output& output, std::string_view data, std::string& out) {
  const std::size_t at = out.size();
  encode_frame(Report(output), 0, out);
  out.resize(out.size() - sizeof(std::uint32_t) - output.data.size());
  Writer(out).number(static_cast<std::uint32_t>(data.size()));
  out += data;
  put_header(out, at, out.size() - at - kFrameHeader, Report(Output{}).index(), 0);
}

std::optional<FrameHeader> decode_header(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 4; i-- > 0;) length = length << 8U | static_cast<std::uint8_t>(bytes[i]);
  const FrameHeader header{length, static_cast<std::uint8_t>(bytes[4]), static_cast<std::uint8_t>(bytes[5])};
  if (length > kMaxFrame || bytes[6] != 0 || bytes[7] != 0) return std::nullopt;
  return header;
}

std::optional<Order> decode_order(std::uint8_t kind, std::string_view payload) {
  return decode_alternative<Order>(kind, payload);
}

std::optional<Report> decode_report(std::uint8_t kind, std::string_view payload) {
  return decode_alternative<Report>(kind, payload);
}

std::optional<FrameCutter::Frame> FrameCutter::next() {
  if (begin_ == bytes_.size() || begin_ > 1U << 20U) {
    bytes_.erase(0, begin_);
    begin_ = 0;
  }
  const std::string_view rest = std::string_view(bytes_).substr(begin_);
  if (broken_ || rest.size() < kFrameHeader) return std::nullopt;
  const std::optional<FrameHeader> header = decode_header(rest);
  if (!header) {
    broken_ = true;
    return std::nullopt;
  }
  if (rest.size() - kFrameHeader < header->length) return std::nullopt;
  begin_ += kFrameHeader + header->length;
  return Frame{*header, rest.substr(kFrameHeader, header->length)};
}

}  // namespace picket::process
