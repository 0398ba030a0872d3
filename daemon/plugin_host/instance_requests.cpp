// SPDX-License-Identifier: Apache-2.0
//
// What an instance's plugin asks of the host beyond itself: emitting, calling others, subscribing. Any thread; the
// answers arrive on the instance's lanes.
#include <utility>

#include "plugin_host/call_scope.hpp"
#include "plugin_host/instance.hpp"
#include "plugin_host/text.hpp"
#include "routing/batch_validate.hpp"

namespace picket::plugin_host {

class Instance::SubscriptionSink final : public routing::SinkPort {
 public:
  SubscriptionSink(std::shared_ptr<platform::Lane> lane, Instance& instance, picket_subscription_fn fn, void* context)
      : SinkPort(std::move(lane)), instance_(instance), fn_(fn), context_(context) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t lost) override {
    const CallScope scope(&instance_, CallKind::deliver);
    guarded([&] { fn_(context_, delivery.batch, delivery.selection, delivery.count, lost); },
            [&](const char* what) { instance_.report_exception("a subscription", what); });
    return PICKET_OK;
  }

 private:
  Instance& instance_;  // ends its subscriptions before it goes
  const picket_subscription_fn fn_;
  void* const context_;
};

// One life of the plugin, from start to stop, as the queues see it. Answers outlive lives: a token of an earlier one
// means something else, or nothing, to the plugin that runs now.
class Instance::Life final : public routing::SourceListener, public std::enable_shared_from_this<Life> {
 public:
  explicit Life(std::weak_ptr<Instance> instance) : instance_(std::move(instance)) {}

  void on_acknowledged(std::uint64_t token, picket_status status) override {
    tell("acknowledged", [token, status](const picket_source& table, void* plugin) {
      if (table.acknowledged != nullptr) table.acknowledged(plugin, token, status);
    });
  }
  void on_ready(picket_name port) override {
    tell("on_ready", [port](const picket_source& table, void* plugin) {
      if (table.on_ready != nullptr) table.on_ready(plugin, port);
    });
  }

 private:
  template <typename Call>
  void tell(const char* what, Call call) {
    const auto instance = instance_.lock();
    if (!instance) return;
    instance->control_->post([instance, life = shared_from_this(), what, call] {
      // What comes while the plugin stops or after is of no use to it: it is told nothing more.
      if (!instance->alive() || instance->life_ != life) return;
      instance->control_call(what, nullptr,
                             [&] { return call(instance->source_table_, instance->plugin_->self), PICKET_OK; });
    });
  }

  const std::weak_ptr<Instance> instance_;
};

void Instance::set_emitting(bool emitting) {
  const std::scoped_lock lock(mutex_);
  emitting_ = emitting;
  life_ = emitting ? std::make_shared<Life>(weak_from_this()) : nullptr;
}

picket_status Instance::emit(picket_name port, picket_batch* batch, std::uint64_t token) {
  std::weak_ptr<routing::SourceListener> life;
  {
    const std::scoped_lock lock(mutex_);
    if (!emitting_) return PICKET_CANCELLED;
    life = life_;
  }
#ifndef NDEBUG
  // A debug host checks every field of every batch, so that a plugin's author learns of a mistake at its place.
  if (batch != nullptr) {
    if (const auto valid = routing::validate_batch(*batch, core_.names.size()); !valid.ok()) {
      core_.log.write(service::LogLevel::error, name_, "emitted a malformed batch: " + valid.error().message);
      return PICKET_INVALID;
    }
  }
#endif
  return core_.router.emit(source_, port, batch, token, life);
}

picket_call Instance::call_out(picket_str instance, picket_str command, picket_str args, std::int64_t timeout_ns,
                               picket_reply_fn fn, void* context) {
  if (fn == nullptr) return 0;
  picket_call id = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (!emitting_ || outgoing_.size() >= CommandBus::kMaxOpen) return 0;
    id = next_outgoing_++;
    outgoing_.emplace(id, OutgoingCall{0, fn, context});
  }
  const auto answer = [weak = weak_from_this(), id](picket_status status, std::string reply) {
    const auto self = weak.lock();
    if (!self) return;
    self->control_->post([self, id, status, reply = std::move(reply)] {
      OutgoingCall call;
      {
        const std::scoped_lock lock(self->mutex_);
        const auto found = self->outgoing_.find(id);
        if (found == self->outgoing_.end()) return;  // cancelled, or the plugin has stopped
        call = found->second;
        self->outgoing_.erase(found);
        self->replying_ = id;
      }
      self->control_call("reply", nullptr, [&] { return call.fn(call.context, status, text(reply)), PICKET_OK; });
      const std::scoped_lock lock(self->mutex_);
      self->replying_ = 0;
      self->reply_over_.notify_all();
    });
  };
  const picket_call bus_call = core_.commands.call(std::string(view(instance)), std::string(view(command)),
                                                   std::string(view(args)), timeout_ns, answer);
  {
    const std::scoped_lock lock(mutex_);
    const auto found = outgoing_.find(id);
    if (bus_call == 0) {
      if (found != outgoing_.end()) outgoing_.erase(found);
      return 0;
    }
    if (found != outgoing_.end()) {
      found->second.bus_call = bus_call;
      return id;
    }
  }
  core_.commands.cancel(bus_call);  // answered already, or this instance has stopped meanwhile: then nobody waits
  return id;
}

void Instance::cancel_call_out(picket_call call) {
  OutgoingCall open;
  {
    std::unique_lock lock(mutex_);
    const auto found = outgoing_.find(call);
    if (found == outgoing_.end()) {
      // Its function may be running on another thread, with a context that our caller is about to free.
      if (!CallScope::inside(this, CallKind::control)) reply_over_.wait(lock, [&] { return replying_ != call; });
      return;
    }
    open = found->second;
    outgoing_.erase(found);
  }
  core_.commands.cancel(open.bus_call);
}

std::uint64_t Instance::subscribe(const picket_subscription_spec& spec, picket_subscription_fn fn, void* context,
                                  picket_error* error) {
  constexpr std::size_t kMaxSubscriptions = 1'024;
  constexpr std::uint32_t kDefaultEvents = 10'000;
  constexpr std::uint64_t kDefaultBytes = 16ULL << 20U;
  const auto refuse = [&](picket_status status, const std::string& reason) -> std::uint64_t {
    set_error(error, status, reason);
    return 0;
  };
  if (!emitting_) return refuse(PICKET_CANCELLED, "the instance is stopped");
  if (fn == nullptr) return refuse(PICKET_INVALID, "a subscription needs a function");
  std::vector<std::string> from;
  std::string_view rest = view(spec.from);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string instance(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (instance != "picket" && !core_.instance_exists(instance)) {
      return refuse(PICKET_NOT_FOUND, "no instance is called '" + instance + "'");
    }
    from.push_back(instance);
  }
  std::optional<routing::Filter> filter;
  if (spec.filter.length != 0) {
    // The text may come from an outside peer: it must not fill the table of names.
    auto compiled = routing::Filter::compile(view(spec.filter), core_.names, routing::NamePolicy::lookup_only);
    if (!compiled.ok()) {
      return refuse(PICKET_INVALID, compiled.error().message + " (at character " +
                                        std::to_string(compiled.error().offset + 1) + " of the filter)");
    }
    filter = std::move(compiled.value());
  }
  config::QueueSettings queue;
  queue.events = spec.events == 0 ? kDefaultEvents : spec.events;
  queue.bytes = spec.bytes == 0 ? kDefaultBytes : spec.bytes;
  {
    const std::scoped_lock lock(mutex_);
    if (subscriptions_.size() >= kMaxSubscriptions) return refuse(PICKET_LIMIT, "1,024 subscriptions are open already");
  }
  const std::uint64_t id = core_.router.subscribe(from, std::move(filter), queue,
                                                  std::make_shared<SubscriptionSink>(deliver_, *this, fn, context));
  {
    const std::scoped_lock lock(mutex_);
    if (emitting_) {
      subscriptions_.insert(id);
      return id;
    }
  }
  core_.router.unsubscribe(id);  // a delivery that ran while the instance stopped has asked for it
  return refuse(PICKET_CANCELLED, "the instance is stopped");
}

void Instance::unsubscribe(std::uint64_t id) {
  {
    const std::scoped_lock lock(mutex_);
    if (subscriptions_.erase(id) == 0) return;
  }
  core_.router.unsubscribe(id);
}

}  // namespace picket::plugin_host
