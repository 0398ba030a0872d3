// SPDX-License-Identifier: Apache-2.0
//
// Subscription: a route made at run time from chosen instances to a function of this one (picket.subscribe/1). It never
// slows a source down: what does not fit its bounded queue is dropped and counted.
#ifndef PICKET_DETAIL_SUBSCRIPTION_HPP
#define PICKET_DETAIL_SUBSCRIPTION_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "../ext/subscribe.h"
#include "events.hpp"
#include "host.hpp"
#include "thread_check.hpp"

namespace picket {

struct SubscriptionSpec {
  std::string_view from = {};    // instance names separated by commas; empty: every instance
  std::string_view filter = {};  // an expression as in a route's `where`; empty: everything
  std::uint32_t events = 0;      // queue limit; 0: 10,000
  std::uint64_t bytes = 0;       // queue limit; 0: 16 MiB
};

// Ends in its destructor, which waits for a running call: never destroy it from within its own function.
class Subscription {
 public:
  // [deliver] `lost`: events dropped just before these because the queue was full. The events are valid during the
  // call.
  using Function = std::function<void(const Events &events, std::uint64_t lost)>;

  Subscription() = default;
  // Throws Failure with the host's reason: a filter that does not compile, an unknown instance, too many (1,024).
  Subscription(Host host, const SubscriptionSpec &spec, Function function)
      : body_(std::make_unique<Body>(host, std::move(function))) {
    const picket_subscription_spec wanted{sizeof wanted, spec.events, spec.bytes, to_str(spec.from),
                                          to_str(spec.filter)};
    picket_error error{};
    body_->id = body_->table.subscribe(host.self(), &wanted, &Subscription::run, body_.get(), &error);
    if (body_->id == 0) {
      body_.reset();
      throw Failure(error.message, error.code);
    }
  }
  Subscription(Subscription &&) noexcept = default;
  Subscription &operator=(Subscription &&other) noexcept {
    if (this != &other) {
      cancel();
      body_ = std::move(other.body_);
    }
    return *this;
  }
  ~Subscription() { cancel(); }

  explicit operator bool() const noexcept { return body_ != nullptr; }

  // When it returns, the function is not running and will not run again.
  void cancel() noexcept {
    if (body_ == nullptr) return;
    body_->table.unsubscribe(body_->host.self(), body_->id);
    body_.reset();
  }

 private:
  struct Body {
    Body(Host of, Function run)
        : host(of), table(of.require<picket_subscribe>(PICKET_EXT_SUBSCRIBE)), check(of), function(std::move(run)) {}
    Host host;
    picket_subscribe table;
    detail::ThreadCheck check;
    Function function;
    std::uint64_t id = 0;
  };

  static void run(void *context, const picket_batch *batch, const std::uint32_t *selection, std::uint32_t count,
                  std::uint64_t lost) noexcept {
    const Body &body = *static_cast<Body *>(context);
    detail::guard([&](picket_status, std::string_view message) noexcept { body.host.log(PICKET_LOG_ERROR, message); },
                  [&] {
                    body.check.deliver("a subscription");
                    body.function(Events(body.host, batch, selection, count), lost);
                  });
  }

  std::unique_ptr<Body> body_;
};

template <typename Function>
Subscription Host::subscribe(const SubscriptionSpec &spec, Function &&function) const {
  return Subscription(*this, spec, std::forward<Function>(function));
}

}  // namespace picket

#endif
