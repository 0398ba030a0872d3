// SPDX-License-Identifier: Apache-2.0
//
// A small plugin against the C ABI that keeps every promise but one. CMake copies it, once for each fault, and each
// copy has the fault that its file is named after; see README.md.
#include <dlfcn.h>
#include <picket/picket.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace {

// The formatter would move this list further to the right each time that it runs.
// clang-format off
#define PICKET_FAULTS(X) \
  X(none) X(wrong_major) X(later_minor) X(missing_create) X(small_type) X(wrong_id) X(no_summary) X(null_type) \
  X(bad_schema) X(bad_default) X(leaks_symbols) X(throws_from_create) X(create_without_text) X(missing_stop) \
  X(writes_behind) X(leaks_memory) X(knows_everything) X(two_tables) X(throws_from_start) X(hangs_in_start) \
  X(hangs_in_stop) X(crashes_in_start) X(exits) X(emits_after_stop) X(leaves_timer) X(leaves_thread) \
  X(crashes_at_exit) X(silent_refusal) X(malformed_batch) X(leaves_emit) X(hammers_busy) X(hoards_batches) \
  X(frees_twice) X(throws_from_consume) X(never_finishes) X(finishes_twice) X(always_busy) X(finishes_unasked) \
  X(refuses_nonsense) X(crashes_in_flush) X(one_thread_only) X(no_reply) X(two_replies) X(no_json) \
  X(any_command) X(bad_health)
// clang-format on

#define PICKET_ENUMERATOR(name) name,
enum class Fault { PICKET_FAULTS(PICKET_ENUMERATOR) };
#undef PICKET_ENUMERATOR

struct NamedFault {
  const char* name;
  Fault fault;
};
#define PICKET_ROW(name) {#name, Fault::name},
constexpr NamedFault kFaults[] = {PICKET_FAULTS(PICKET_ROW)};
#undef PICKET_ROW
#undef PICKET_FAULTS

// The fault that this copy is named after: libNAME.so.
NamedFault find_fault() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&kFaults), &info) != 0 && info.dli_fname != nullptr) {
    std::string name = info.dli_fname;
    name.erase(0, name.rfind('/') + 1);
    for (const NamedFault& row : kFaults) {
      if (name == "lib" + std::string(row.name) + ".so") return row;
    }
  }
  return {"none", Fault::none};
}

const NamedFault& own() {
  static const NamedFault fault = find_fault();
  return fault;
}

bool has(Fault fault) {
  return own().fault == fault;
}

struct Instance {
  const picket_host* host = nullptr;
  picket_timer timer = 0;
  pthread_t thread{};
  bool threaded = false;
  std::atomic<bool> stopping{false};
  std::atomic<bool> about_to_emit{false};  // on its own thread
  picket_batch* held[20'000] = {};
  int held_count = 0;
  std::uint64_t open_ticket = 0;
  pthread_t owner{};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};

Instance& of(void* self) {
  return *static_cast<Instance*>(self);
}

void wait_for_ever() {
  for (;;) pause();
}

picket_status speak(Instance& instance) {
  const picket_host& host = *instance.host;
  picket_batch* batch = host.batch_new(host.self, 1, 1, 0);
  if (batch == nullptr) return PICKET_LIMIT;
  picket_batch_event(batch, host.intern(host.self, picket_str_of("beat", 4)));
  picket_batch_int(batch, host.intern(host.self, picket_str_of("count", 5)), 1);
  if (has(Fault::malformed_batch)) batch->events[0].field_count = 9;
  instance.about_to_emit = false;
  picket_status status = host.emit(host.self, 0, batch, 0);
  if (has(Fault::hammers_busy)) {
    while (status == PICKET_BUSY) status = host.emit(host.self, 0, batch, 0);
  }
  if (status == PICKET_OK) return status;
  if (has(Fault::hoards_batches) && instance.held_count < 20'000) {
    instance.held[instance.held_count++] = batch;
    return status;
  }
  host.batch_release(host.self, batch);
  if (has(Fault::frees_twice)) host.batch_release(host.self, batch);
  return status;
}

void tick(void* context, const picket_tick* /*tick*/) {
  const int times = has(Fault::hoards_batches) ? 50 : 1;
  for (int i = 0; i < times; ++i) speak(of(context));
}

void* run_thread(void* context) {
  Instance& instance = of(context);
  if (has(Fault::leaves_thread)) wait_for_ever();
  for (;;) {
    instance.about_to_emit = true;
    if (instance.stopping) break;
    speak(instance);
    poll(nullptr, 0, 20);
  }
  instance.about_to_emit = false;
  return nullptr;
}

picket_status start(void* self, picket_error* /*error*/) {
  Instance& instance = of(self);
  switch (own().fault) {
    case Fault::throws_from_start:
      throw std::runtime_error("thrown by start");
    case Fault::hangs_in_start:
      wait_for_ever();
      break;
    case Fault::crashes_in_start:
      std::abort();
    case Fault::exits:
      std::_Exit(3);
    case Fault::leaves_thread:
    case Fault::leaves_emit:
      instance.threaded = pthread_create(&instance.thread, nullptr, run_thread, self) == 0;
      break;
    default:
      break;
  }
  picket_timer_spec spec{};
  spec.size = sizeof spec;
  spec.period_ns = 1'000'000'000;
  instance.timer = instance.host->schedule(instance.host->self, &spec, tick, self);
  return PICKET_OK;
}

void stop(void* self) {
  Instance& instance = of(self);
  if (has(Fault::hangs_in_stop)) wait_for_ever();
  if (!has(Fault::leaves_timer)) instance.host->cancel(instance.host->self, instance.timer);
  instance.stopping = true;
  // What it leaves is the emit that it is in, not one that begins after this.
  while (instance.about_to_emit) poll(nullptr, 0, 1);
}

void destroy(void* self) {
  Instance* instance = static_cast<Instance*>(self);
  if (has(Fault::emits_after_stop) && instance->stopping) speak(*instance);
  for (int i = 0; i < instance->held_count; ++i) {
    instance->host->batch_release(instance->host->self, instance->held[i]);
  }
  if (instance->threaded && has(Fault::leaves_thread)) {
    pthread_detach(instance->thread);
  } else if (instance->threaded) {
    pthread_join(instance->thread, nullptr);
  }
  delete instance;
}

// --- the sink
// ---------------------------------------------------------------------------------------------------------

picket_status consume(void* self, const picket_delivery* delivery) {
  Instance& instance = of(self);
  const picket_host& host = *instance.host;
  const std::uint64_t ticket = delivery->ticket;  // the delivery itself is gone after the first done
  const auto done = [&host](std::uint64_t which) { host.done(host.self, which, PICKET_OK, nullptr, 0); };
  switch (own().fault) {
    case Fault::throws_from_consume:
      throw std::runtime_error("thrown by consume");
    case Fault::never_finishes:
      return PICKET_PENDING;
    case Fault::finishes_twice:
      done(ticket);
      done(ticket);
      return PICKET_PENDING;
    case Fault::always_busy:
      return PICKET_BUSY;
    case Fault::finishes_unasked:
      done(ticket);
      return PICKET_OK;
    case Fault::refuses_nonsense: {
      const std::uint32_t position = delivery->count + 5;
      host.done(host.self, ticket, PICKET_OK, &position, 1);
      return PICKET_PENDING;
    }
    case Fault::one_thread_only:
      if (pthread_equal(instance.owner, pthread_self()) == 0) std::abort();
      return PICKET_OK;
    default:
      break;
  }
  // As a good one does: the one before is finished when the next comes.
  pthread_mutex_lock(&instance.mutex);
  const std::uint64_t before = instance.open_ticket;
  instance.open_ticket = ticket;
  pthread_mutex_unlock(&instance.mutex);
  if (before != 0) done(before);
  return PICKET_PENDING;
}

void flush(void* self) {
  Instance& instance = of(self);
  if (has(Fault::crashes_in_flush)) std::abort();
  pthread_mutex_lock(&instance.mutex);
  const std::uint64_t open = instance.open_ticket;
  instance.open_ticket = 0;
  pthread_mutex_unlock(&instance.mutex);
  if (open != 0) instance.host->done(instance.host->self, open, PICKET_OK, nullptr, 0);
}

const picket_sink kSink = {sizeof(picket_sink), 0, consume, nullptr, flush};

// --- commands and health
// ----------------------------------------------------------------------------------------------

const picket_command kPing = {sizeof(picket_command), PICKET_COMMAND_READ_ONLY, "ping", "answers", nullptr};
const picket_command* const kCommandList[] = {&kPing};

picket_status execute(void* self, std::uint32_t index, picket_str /*args*/, picket_call call, picket_error* error) {
  const picket_host& host = *of(self).host;
  const auto* commands = static_cast<const picket_host_commands*>(host.extension(host.self, PICKET_EXT_COMMANDS));
  if (index != 0 && !has(Fault::any_command)) {
    std::strcpy(error->message, "there is no such command");
    return PICKET_NOT_FOUND;
  }
  if (commands == nullptr || has(Fault::no_reply)) return PICKET_OK;
  const picket_str answer = has(Fault::no_json) ? picket_str_of("pong", 4) : picket_str_of("\"pong\"", 6);
  commands->reply(host.self, call, PICKET_OK, answer);
  if (has(Fault::two_replies)) commands->reply(host.self, call, PICKET_OK, answer);
  return PICKET_OK;
}

const picket_commands kCommands = {sizeof(picket_commands), 1, kCommandList, execute, nullptr};

void check(void* /*self*/, picket_health* health) {
  health->state = has(Fault::bad_health) ? 7 : PICKET_HEALTH_GOOD;
}

const picket_health_check kHealth = {sizeof(picket_health_check), 0, check};

const void* extension(void* /*self*/, const char* id) {
  static std::atomic<int> asked{0};
  if (std::strcmp(id, PICKET_EXT_SINK) == 0) {
    static const picket_sink other = kSink;
    if (has(Fault::two_tables) && asked++ % 2 == 1) return &other;
    return &kSink;
  }
  if (std::strcmp(id, PICKET_EXT_COMMANDS) == 0) return &kCommands;
  if (std::strcmp(id, PICKET_EXT_HEALTH) == 0) return &kHealth;
  return has(Fault::knows_everything) ? &kSink : nullptr;
}

// --- the type
// ---------------------------------------------------------------------------------------------------------

picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin, picket_error* error) {
  if (has(Fault::throws_from_create)) throw std::runtime_error("thrown by create");
  if (has(Fault::create_without_text)) return PICKET_FAILED;
  picket_field value{};
  picket_str text{};
  const picket_str pointer = picket_str_of("/count", 6);
  if (config->get(config->self, pointer, PICKET_TYPE_INT, &value, &text) != PICKET_OK) {
    if (!has(Fault::silent_refusal)) std::strcpy(error->message, "`count` is missing or no integer");
    return PICKET_INVALID;
  }
  if (has(Fault::leaks_memory)) {
    // Volatile, so that nobody finds out that it is not needed.
    char* volatile forgotten = static_cast<char*>(std::malloc(1'000));
    forgotten[0] = 1;
  }
  auto* instance = new Instance;
  instance->host = host;
  instance->owner = pthread_self();
  picket_plugin made = {sizeof made, 0, instance, start, has(Fault::missing_stop) ? nullptr : stop, destroy, extension};
  const std::size_t room = has(Fault::writes_behind) || plugin->size > sizeof made ? sizeof made : plugin->size;
  made.size = static_cast<std::uint32_t>(room);
  std::memcpy(plugin, &made, room);
  return PICKET_OK;
}

constexpr const char* kGoodSchema = R"({"type": "object", "properties": {
  "count": {"type": "integer", "minimum": 1, "default": 1, "description": "A number."}}})";
constexpr const char* kBadDefault = R"({"type": "object", "properties": {
  "count": {"type": "integer", "minimum": 10, "default": 1, "description": "A number."}}})";

picket_plugin_type make_type() {
  picket_plugin_type type{};
  type.size = has(Fault::small_type) ? 16 : sizeof type;
  type.abi_major = static_cast<std::uint16_t>(PICKET_ABI_MAJOR + (has(Fault::wrong_major) ? 1 : 0));
  type.abi_minor = PICKET_ABI_MINOR;
  type.min_host_minor = static_cast<std::uint16_t>(PICKET_ABI_MINOR + (has(Fault::later_minor) ? 99 : 0));
  type.id = has(Fault::wrong_id) ? "somebody_else" : own().name;
  type.version = "1";
  type.summary = has(Fault::no_summary) ? "" : "breaks one promise";
  type.config_schema = has(Fault::bad_schema) ? "{\"type\": 5" : has(Fault::bad_default) ? kBadDefault : kGoodSchema;
  type.create = has(Fault::missing_create) ? nullptr : create;
  return type;
}

// Destructors of globals run when the process ends.
struct AtExit {
  ~AtExit() {
    if (has(Fault::crashes_at_exit)) std::abort();
  }
};
const AtExit at_exit;

}  // namespace

#ifdef PICKET_LEAKS_SYMBOLS
extern "C" PICKET_EXPORT int forgotten_function(void);
int forgotten_function(void) {
  return 1;
}
#endif

extern "C" PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void);
const picket_plugin_type* picket_plugin_v1(void) {
  static const picket_plugin_type type = make_type();
  return has(Fault::null_type) ? nullptr : &type;
}
