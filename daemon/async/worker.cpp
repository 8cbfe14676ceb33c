#include "daemon/async/worker.hpp"

#include "daemon/async/worker_threads.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

// Whatever hangs, there are no more threads than these and the pool's own.
constexpr std::size_t k_max_lost = 16;

} // namespace

// Owned by the pool and by each of its threads, so that a thread which hangs for
// longer than the daemon lives touches nothing that is gone.
struct WorkerPool::Shared {
  Shared(asio::any_io_executor l, std::string_view n, std::size_t t, std::size_t q)
    : loop(std::move(l)), name(n), max_threads(t), max_queued(q)
  {
  }

  static void grow(const std::shared_ptr<Shared>& shared);
  [[nodiscard]] bool may_grow() const { return threads < max_threads; }
  [[nodiscard]] bool lose(const Work* work);
  [[nodiscard]] bool still_wanted(const Work* work);

  const asio::any_io_executor loop; // counts no outstanding work: the waiting caller's Event does
  const std::string name;
  const std::size_t max_threads;
  const std::size_t max_queued;

  std::mutex mutex; // guards all that follows
  std::condition_variable wake;
  std::deque<std::shared_ptr<Work>> queue;
  std::set<const Work*> running;
  std::set<const Work*> lost; // of these: nobody waits for them, and their threads do not count
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool closed = false; // the loop may be gone
};

namespace {

std::function<void()>& first_of_threads()
{
  static std::function<void()> first;
  return first;
}

// Signals are the event loop's.
class SignalsBlocked {
public:
  SignalsBlocked()
  {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
  sigset_t before_{};
};

} // namespace

// Throws std::system_error. The mutex is held.
void WorkerPool::Shared::grow(const std::shared_ptr<Shared>& shared)
{
  const SignalsBlocked blocked;
  std::thread([shared] { serve(shared); }).detach();
  ++shared->threads;
}

// Whether the thread of a call that nobody waits for any more has left its place to another.
bool WorkerPool::Shared::lose(const Work* work)
{
  if (!running.contains(work) || max_threads == 1 || lost.size() >= k_max_lost) return false;
  lost.insert(work);
  --threads;
  return true;
}

// Whether the thread of a call that has returned goes on: its place may be another's.
bool WorkerPool::Shared::still_wanted(const Work* work)
{
  running.erase(work);
  if (lost.erase(work) == 0) return true;
  if (!may_grow()) return false;
  ++threads;
  return true;
}

WorkerPool::Waiting::Waiting(std::shared_ptr<Shared> shared,
                             std::shared_ptr<Work> work,
                             Event& finished)
  : shared_(std::move(shared)), work_(std::move(work))
{
  work_->finished = &finished;
}

WorkerPool::Waiting::~Waiting()
{
  work_->finished = nullptr;
  const std::lock_guard lock(shared_->mutex);
  if (std::erase(shared_->queue, work_) != 0) return;
  if (!shared_->lose(work_.get()) || shared_->queue.empty()) return;
  try {
    Shared::grow(shared_);
  } catch (const std::system_error&) { // the next call tries again
  }
}

WorkerPool::WorkerPool(asio::any_io_executor loop,
                       std::string_view name,
                       std::size_t threads,
                       std::size_t queue_limit)
  : loop_(loop), shared_(std::make_shared<Shared>(std::move(loop), name, threads, queue_limit))
{
}

WorkerPool::~WorkerPool()
{
  std::deque<std::shared_ptr<Work>> unheard; // dies after the lock is released
  const std::lock_guard lock(shared_->mutex);
  shared_->closed = true;
  unheard.swap(shared_->queue);
  shared_->wake.notify_all();
}

void begin_worker_threads_with(std::function<void()> first)
{
  first_of_threads() = std::move(first);
}

Result<> WorkerPool::submit(std::shared_ptr<Work> work)
{
  const std::lock_guard lock(shared_->mutex);
  auto& pool = *shared_;
  const bool may_grow = pool.may_grow();
  if (pool.queue.size() >= pool.max_queued + pool.idle + (may_grow ? 1 : 0)) {
    return Error{Errc::transient, "too many calls wait for the " + pool.name + " threads"};
  }
  pool.queue.push_back(work);
  if (pool.queue.size() > pool.idle && may_grow) {
    try {
      Shared::grow(shared_);
    } catch (const std::system_error&) {
      if (pool.threads == 0) {
        pool.queue.pop_back();
        return Error{Errc::transient, "cannot start a thread for " + pool.name};
      }
    }
  }
  pool.wake.notify_one();
  return {};
}

void WorkerPool::serve(const std::shared_ptr<Shared>& shared)
{
  pthread_setname_np(pthread_self(), shared->name.substr(0, 15).c_str());
  if (const auto& first = first_of_threads()) first();
  std::unique_lock lock(shared->mutex);
  for (;;) {
    ++shared->idle;
    shared->wake.wait(lock, [&pool = *shared] { return pool.closed || !pool.queue.empty(); });
    --shared->idle;
    if (shared->closed) return;
    auto work = std::move(shared->queue.front());
    shared->queue.pop_front();
    shared->running.insert(work.get());
    lock.unlock();
    work->perform();
    lock.lock();
    if (shared->closed) return; // there may be no loop to tell
    const bool goes_on = shared->still_wanted(work.get());
    asio::post(shared->loop, [work = std::move(work)] {
      if (work->finished != nullptr) work->finished->set();
    });
    if (!goes_on) return;
  }
}

} // namespace purser
