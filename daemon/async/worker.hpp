#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace purser {

// A bounded pool of threads for calls that block: files, name resolution, a keyring.
//
// A caller that is cancelled or gives up is answered at once: a queued call is withdrawn, one that
// runs goes on in its thread, whose place another takes (at most 16 of them; none in a pool of one
// thread, where calls never overlap). When all threads are taken and the queue is full, run()
// fails with Errc::transient and the pool's name. Threads start when first needed.
//
// One event loop uses a pool. Nobody may wait in run() when the pool dies, unless the
// loop has stopped for good; calls that hang then are left to themselves.
class WorkerPool {
public:
  // `name` is a literal of at most 15 characters, for errors and the threads' names.
  WorkerPool(boost::asio::any_io_executor loop,
             std::string_view name,
             std::size_t threads,
             std::size_t queue_limit = 1024);
  ~WorkerPool(); // does not wait for calls that hang
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `job()`, which returns Result<T>, on a thread of the pool; resumes on the
  // event loop. An exception of the job becomes Errc::internal. Throws
  // operation_aborted when cancelled.
  //
  // The job and its result live on a foreign thread and may outlive the loop, so they
  // own all that they touch, and touch nothing of the loop's. Both may be move-only.
  // Give the lambda a name before the co_await: `pool.run<T>(std::move(job))`.
  template <class T, class Job>
  [[nodiscard]] boost::asio::awaitable<Result<T>> run(Job job);

private:
  struct Shared;

  // One call. `finished` belongs to the loop, the rest to whoever runs it.
  struct Work {
    Work() = default;
    virtual ~Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual void perform() noexcept = 0;
    Event* finished = nullptr; // none once nobody waits any more
  };

  // Forgets `work` on every way out of run().
  class Waiting {
  public:
    Waiting(std::shared_ptr<Shared> shared, std::shared_ptr<Work> work, Event& finished);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<Work> work_;
  };

  template <class T, class Job>
  struct Call;

  [[nodiscard]] Result<> submit(std::shared_ptr<Work> work);
  static void serve(const std::shared_ptr<Shared>& shared);

  boost::asio::any_io_executor loop_;
  std::shared_ptr<Shared> shared_;
};

} // namespace purser

#include "daemon/async/worker_impl.hpp"
