#pragma once

#include "common/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace purser {

// A bounded pool of threads for calls that block: files, name resolution, a keyring.
//
// A caller that is cancelled or gives up gets its answer at once; the call goes on in
// its thread, which is lost to the pool until the call returns. When all threads are
// taken and the queue is full, run() fails with Errc::transient and the pool's name.
// Threads start when first needed. Neither the job nor its result may touch what
// belongs to the event loop.
class WorkerPool {
public:
  // `name` is a literal, for errors and for the threads' names.
  WorkerPool(boost::asio::any_io_executor loop,
             std::string_view name,
             std::size_t threads,
             std::size_t queue_limit = 1024);
  ~WorkerPool(); // does not wait for calls that hang
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `job` on a thread of the pool; resumes on the event loop. An exception of
  // the job becomes Errc::internal. Throws operation_aborted when cancelled.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<Result<T>> run(std::function<Result<T>()> job);

private:
  struct Shared;
  // False where the queue is full.
  bool post(std::function<void()> work);

  boost::asio::any_io_executor loop_;
  std::string_view name_;
  std::shared_ptr<Shared> shared_;
};

} // namespace purser

#include "daemon/async/worker_impl.hpp"
