// SPDX-License-Identifier: Apache-2.0
//
// The output of one life of one program: bytes become lines, lines become events, and only what the bus has taken is
// acknowledged, so that a daemon that dies meanwhile loses nothing and its successor says little twice. It outlives the
// process until its streams are through. [control]
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <picket/plugin.hpp>

#include "line_splitter.hpp"
#include "reporter.hpp"
#include "settings.hpp"

namespace picket::process_supervisor {

class Outlet {
 public:
  using Line = std::function<void(std::int64_t time_ns, bool error, std::string_view text)>;

  // `on_line` hears each line, also those that are no events.
  Outlet(Host host, Processes& processes, Reporter& reporter, ProgramId id, Name program, const Output& settings,
         Line on_line);
  ~Outlet() { *alive_ = false; }
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  void output(const ProgramOutput& output, std::int64_t pid);
  // New settings of the program.
  void apply(const Output& settings) { settings_ = settings; }
  // No more comes: what is there without an end of line is a line.
  void flush(std::int64_t pid);
  // Whether nothing waits for the bus.
  bool idle() const { return waiting_ == 0; }
  // And whether nothing more will come.
  bool through() const { return idle() && streams_[0].ended && streams_[1].ended; }

 private:
  struct Stream {
    LineSplitter splitter;
    std::uint64_t handled = 0;  // offset behind what has come
    bool ended = false;
  };
  // The lines of `data`; `last`: the rest, too.
  void emit(std::uint32_t stream, std::string_view data, bool last, std::int64_t time_ns, std::int64_t pid);
  void hand_on(Batch batch, std::uint32_t stream, std::uint64_t offset);

  Host host_;
  Processes& processes_;
  Reporter& reporter_;
  ProgramId id_;
  Name program_;
  Output settings_;
  Line on_line_;
  std::array<Stream, 2> streams_;
  std::size_t waiting_ = 0;  // batches that the bus has not taken
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace picket::process_supervisor
