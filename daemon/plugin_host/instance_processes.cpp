// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/instance_processes.hpp"

#include <cstring>
#include <utility>
#include <variant>

#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

picket_process_identity identity_to_c(const process::Identity& identity) {
  picket_process_identity made{identity.pid, identity.start_time, {}};
  std::memcpy(made.boot_id, identity.boot_id.data(), sizeof made.boot_id);
  return made;
}

// One overload for each thing that is heard; a plugin without the function does not hear it.
struct Teller {
  const picket_process_events& to;
  void* context;

  void operator()(const process::Found& said) const {
    if (to.found == nullptr) return;
    picket_program_info info{};
    info.size = sizeof info;
    info.state = said.state;
    info.program = said.id;
    info.key = text(said.key);
    info.blob = text(said.blob);
    info.leader = identity_to_c(said.leader);
    info.started_ns = said.started_ns;
    info.started_wall_ns = said.started_wall_ns;
    info.acknowledged[0] = said.acknowledged[0];
    info.acknowledged[1] = said.acknowledged[1];
    info.flags = said.flags;
    to.found(context, &info);
  }
  void operator()(const process::Ready& said) const {
    if (to.ready == nullptr) return;
    const picket_process_ability ability{sizeof ability, said.ability, text(said.risk), identity_to_c(said.holder)};
    to.ready(context, &ability);
  }
  void operator()(const process::Lost& said) const {
    if (to.lost != nullptr) to.lost(context, text(said.reason));
  }
  void operator()(const process::Started& said) const {
    const picket_process_identity leader = identity_to_c(said.leader);
    if (to.started != nullptr) to.started(context, said.id, &leader);
  }
  void operator()(const process::Failed& said) const {
    const picket_program_failure failure{sizeof failure, said.system_error, text(said.step), text(said.message)};
    const auto function = said.of_start ? to.start_failed : to.request_failed;
    if (function != nullptr) function(context, said.id, &failure);
  }
  void operator()(const process::Output& said) const {
    if (to.output == nullptr) return;
    picket_program_output output{};
    output.size = sizeof output;
    output.stream = said.stream;
    output.offset = said.offset;
    output.data = text(said.data);
    output.dropped = said.dropped;
    output.flags = said.flags;
    output.time_ns = said.time_ns;
    to.output(context, said.id, &output);
  }
  void operator()(const process::Notified& said) const {
    if (to.notified != nullptr) to.notified(context, said.id, said.sender, text(said.message));
  }
  void operator()(const process::Exited& said) const {
    const picket_program_exit exit{sizeof exit,        said.how,     said.value,     said.flags,      said.ended_ns,
                                   said.ended_wall_ns, said.user_ns, said.system_ns, said.peak_memory};
    if (to.exited != nullptr) to.exited(context, said.id, &exit);
  }
  void operator()(const process::Stragglers& said) const {
    if (to.stragglers == nullptr) return;
    std::vector<picket_process_member> members;
    for (const process::Member& member : said.members) members.push_back({member.pid, text(member.name)});
    to.stragglers(context, said.id, members.data(), said.count);
  }
  void operator()(const process::Emptied& said) const {
    const picket_program_tree_end end{sizeof end, said.flags, said.killed, said.adopted};
    if (to.emptied != nullptr) to.emptied(context, said.id, &end);
  }
  void operator()(const process::Measured& said) const {
    const picket_program_usage usage{sizeof usage, said.processes,   said.user_ns,    said.system_ns,
                                     said.memory,  said.peak_memory, said.read_bytes, said.written_bytes,
                                     said.threads, said.oom_kills};
    if (to.measured != nullptr) to.measured(context, said.id, &usage);
  }
};

}  // namespace

picket_status InstanceProcesses::open(const picket_process_events& events, void* context, picket_error* error) {
  if (!parts_.processes) {
    set_error(error, PICKET_UNSUPPORTED, "there is no picket.process/1 in this program");
    return PICKET_UNSUPPORTED;
  }
  std::uint64_t life = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (life_ % 2 == 1) {
      set_error(error, PICKET_INVALID, "picket.process/1 is open already");
      return PICKET_INVALID;
    }
    events_ = events;
    context_ = context;
    life = ++life_;
  }
  const auto opened = parts_.processes->open(parts_.instance, [weak = weak_from_this(), life](process::Heard heard) {
    if (const auto self = weak.lock()) self->hear(life, std::move(heard));
  });
  if (opened.ok()) return PICKET_OK;
  {
    const std::scoped_lock lock(mutex_);
    ++life_;
  }
  set_error(error, opened.error().status, opened.error().message);
  return opened.error().status;
}

void InstanceProcesses::close() {
  {
    std::unique_lock lock(mutex_);
    if (life_ % 2 == 0) return;
    ++life_;
    // Its function may be running on another thread, with a context that our caller is about to free.
    if (!parts_.inside()) quiet_.wait(lock, [&] { return !calling_; });
  }
  parts_.processes->close(parts_.instance);
}

void InstanceProcesses::hear(std::uint64_t life, process::Heard heard) {
  parts_.control->post(
      [self = shared_from_this(), life, said = std::make_shared<const process::Heard>(std::move(heard))] {
        picket_process_events events{};
        void* context = nullptr;
        {
          const std::scoped_lock lock(self->mutex_);
          if (self->life_ != life) return;  // closed meanwhile
          events = self->events_;
          context = self->context_;
          self->calling_ = true;
        }
        self->parts_.enter("a call of picket.process/1", [&] { std::visit(Teller{events, context}, *said); });
        const std::scoped_lock lock(self->mutex_);
        self->calling_ = false;
        self->quiet_.notify_all();
      });
}

picket_program InstanceProcesses::start(const picket_program_spec& spec, picket_error* error) {
  auto request = read_start(spec);
  if (!request.ok()) {
    set_error(error, request.error().status, request.error().message);
    return 0;
  }
  if (!parts_.processes) return 0;
  const auto id = parts_.processes->start(parts_.instance, std::move(*request));
  if (id.ok()) return *id;
  set_error(error, id.error().status, id.error().message);
  return 0;
}

picket_status InstanceProcesses::request(process::Order order) {
  return parts_.processes ? parts_.processes->request(parts_.instance, std::move(order)) : PICKET_UNSUPPORTED;
}

picket_program InstanceProcesses::watch(std::int64_t pid, std::uint64_t start_time, picket_process_identity* identity,
                                        picket_error* error) {
  process::Identity found;
  if (!parts_.processes) return 0;
  const auto id = parts_.processes->watch(parts_.instance, pid, start_time, found);
  if (!id.ok()) {
    set_error(error, id.error().status, id.error().message);
    return 0;
  }
  if (identity != nullptr) *identity = identity_to_c(found);
  return *id;
}

}  // namespace picket::plugin_host
