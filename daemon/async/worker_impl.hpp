#pragma once

#include "daemon/async/worker.hpp"

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace purser {

template <class T, class Job>
struct WorkerPool::Call final : WorkerPool::Work {
  explicit Call(Job j) : job(std::move(j)) {}

  void perform() noexcept override
  {
    try {
      result.emplace((*job)());
    } catch (const std::exception& e) {
      result.emplace(Error{Errc::internal, e.what()});
    } catch (...) {
      result.emplace(Error{Errc::internal, "a job threw what is no exception"});
    }
    job.reset(); // here and not on the loop: closing what it holds may block, too
  }

  std::optional<Job> job;
  std::optional<Result<T>> result;
};

template <class T, class Job>
boost::asio::awaitable<Result<T>> WorkerPool::run(Job job)
{
  static_assert(std::is_invocable_r_v<Result<T>, Job&>, "the job returns Result<T>");
  const auto call = std::make_shared<Call<T, Job>>(std::move(job));
  Event finished(loop_);
  const Waiting waiting(shared_, call, finished);
  if (auto submitted = submit(call); !submitted) co_return submitted.error();
  co_await finished.wait();
  co_return std::move(*call->result);
}

} // namespace purser
