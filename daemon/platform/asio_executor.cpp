// SPDX-License-Identifier: Apache-2.0
#include "platform/asio_executor.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <iterator>
#include <limits>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>

#include "platform/thread_name.hpp"

namespace picket::platform {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Worker {
  std::thread thread;
  std::shared_ptr<std::atomic<bool>> finished = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

struct AsioExecutor::Orphans {
  ~Orphans() {
    // The last executor of the family is gone. Whoever destroys this may itself be such a thread.
    for (Worker& worker : workers) {
      if (worker.thread.get_id() == std::this_thread::get_id()) {
        worker.thread.detach();
      } else {
        worker.thread.join();
      }
    }
  }

  void add(Worker worker) {
    const std::scoped_lock lock(mutex);
    workers.push_back(std::move(worker));
  }

  // Joins those that have ended, so that a daemon that reloads for years keeps no dead threads.
  void reap(bool wait) {
    std::vector<Worker> ended;
    {
      const std::scoped_lock lock(mutex);
      const auto first = std::partition(workers.begin(), workers.end(), [wait](const Worker& worker) {
        return !(wait || worker.finished->load()) || worker.thread.get_id() == std::this_thread::get_id();
      });
      std::move(first, workers.end(), std::back_inserter(ended));
      workers.erase(first, workers.end());
    }
    for (Worker& worker : ended) worker.thread.join();
  }

  std::mutex mutex;
  std::vector<Worker> workers;  // guarded by mutex
};

struct AsioExecutor::Pool : std::enable_shared_from_this<Pool> {
  Pool(unsigned threads, std::shared_ptr<Orphans> family)
      : context(static_cast<int>(threads)), work(context.get_executor()), timer(context), orphans(std::move(family)) {}

  // REQUIRES: mutex is held. Points the one timer at the earliest call, if that is not where it points already.
  void arm() {
    const std::int64_t due = calls.empty() || stopped ? kNever : calls.begin()->first.first;
    if (due == armed) return;
    armed = due;
    if (due == kNever) {
      timer.cancel();
      return;
    }
    timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due)));
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->run_due();
    });
  }

  // One call per round, each as a task of its own: two due calls run on two threads.
  void run_due() {
    const std::scoped_lock lock(mutex);
    armed = kNever;
    const std::int64_t now = system_clock().monotonic_ns();
    while (!stopped && !calls.empty() && calls.begin()->first.first <= now) {
      auto call = calls.extract(calls.begin());
      due_of.erase(call.key().second);
      boost::asio::post(context, std::move(call.mapped()));
    }
    arm();
  }

  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::mutex mutex;
  boost::asio::steady_timer timer;                        // guarded by mutex
  std::map<std::pair<std::int64_t, CallId>, Task> calls;  // guarded by mutex; by (due, id)
  std::unordered_map<CallId, std::int64_t> due_of;        // guarded by mutex
  CallId next_call = 1;                                   // guarded by mutex
  std::int64_t armed = kNever;                            // guarded by mutex; what the timer waits for
  std::vector<Worker> workers;                            // guarded by mutex
  bool stopped = false;                                   // guarded by mutex
  const std::shared_ptr<Orphans> orphans;
};

AsioExecutor::AsioExecutor(const std::string& name, unsigned threads) : AsioExecutor(name, threads, nullptr) {}

AsioExecutor::AsioExecutor(const std::string& name, unsigned threads, std::shared_ptr<Orphans> orphans)
    : is_root_(orphans == nullptr),
      pool_(
          std::make_shared<Pool>(std::max(threads, 1U), is_root_ ? std::make_shared<Orphans>() : std::move(orphans))) {
  const std::scoped_lock lock(pool_->mutex);
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    Worker& worker = pool_->workers.emplace_back();
    worker.thread = std::thread([pool = pool_, finished = worker.finished, name]() mutable {
      name_this_thread(name);
      pool->context.run();
      pool.reset();
      finished->store(true);
    });
  }
}

AsioExecutor::~AsioExecutor() {
  stop();
}

void AsioExecutor::stop() {
  std::vector<Worker> workers;
  std::map<std::pair<std::int64_t, CallId>, Task> dropped;  // destroyed unlocked: captures may call back into here
  bool from_within = false;
  {
    const std::scoped_lock lock(pool_->mutex);
    for (const Worker& worker : pool_->workers) {
      from_within = from_within || worker.thread.get_id() == std::this_thread::get_id();
    }
    if (!pool_->stopped) {
      pool_->stopped = true;
      dropped.swap(pool_->calls);
      pool_->due_of.clear();
      pool_->arm();
      pool_->work.reset();  // the threads end once nothing is left to run
    }
    workers.swap(pool_->workers);
  }
  dropped.clear();
  for (Worker& worker : workers) {
    // One of these threads cannot wait for itself, nor for a sibling that may be waiting for it.
    if (from_within) {
      pool_->orphans->add(std::move(worker));
    } else {
      worker.thread.join();
    }
  }
  if (is_root_ && !from_within) pool_->orphans->reap(true);
}

void AsioExecutor::post(Task task) {
  // The task may end this executor from another thread before the lock is released here.
  const std::shared_ptr<Pool> pool = pool_;
  const std::scoped_lock lock(pool->mutex);
  if (!pool->stopped) boost::asio::post(pool->context, std::move(task));
}

CallId AsioExecutor::call_at(std::int64_t monotonic_ns, Task task) {
  const std::scoped_lock lock(pool_->mutex);
  if (pool_->stopped) return 0;
  const CallId id = pool_->next_call++;
  pool_->calls.emplace(std::make_pair(monotonic_ns, id), std::move(task));
  pool_->due_of.emplace(id, monotonic_ns);
  pool_->arm();
  return id;
}

bool AsioExecutor::cancel(CallId id) {
  Task dropped;  // destroyed unlocked
  const std::scoped_lock lock(pool_->mutex);
  const auto found = pool_->due_of.find(id);
  if (found == pool_->due_of.end()) return false;
  auto call = pool_->calls.extract({found->second, id});
  dropped = std::move(call.mapped());
  pool_->due_of.erase(found);
  pool_->arm();
  return true;
}

std::shared_ptr<Executor> AsioExecutor::make_dedicated(const std::string& name, unsigned threads) {
  pool_->orphans->reap(false);
  return std::shared_ptr<AsioExecutor>(new AsioExecutor(name, threads, pool_->orphans));
}

}  // namespace picket::platform
