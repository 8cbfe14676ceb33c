#include "common/secret.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/async/worker_threads.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace purser {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

// Threads stop here until the test lets them go.
class Gate {
public:
  void pass()
  {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++left_;
    changed_.notify_all();
  }
  void open()
  {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void await_arrivals(int n)
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, n] { return arrived_ >= n; });
  }
  int arrivals()
  {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }
  void await_departures(int n)
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, n] { return left_ >= n; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
  int left_ = 0;
};

class WorkerPoolTest : public testing::Test {
protected:
  // Hangs a thread of `pool` until the gate opens.
  void hang(WorkerPool& pool)
  {
    spawn(io.get_executor(), "hang", hang_call(pool));
    io.poll();
  }

  asio::awaitable<void> hang_call(WorkerPool& pool)
  {
    auto job = [held = gate]() -> Result<int> {
      held->pass();
      return 0;
    };
    (void)co_await pool.run<int>(std::move(job));
  }

  // Calls that hang until the gate opens, and that their callers wait for 2 s.
  void give_up_on_hanging(WorkerPool& pool, Clock& clock, int calls)
  {
    for (int i = 0; i < calls; ++i)
      spawn(io.get_executor(), "impatient", impatient_call(pool, clock));
    io.restart();
    io.poll();
  }

  asio::awaitable<void> impatient_call(WorkerPool& pool, Clock& clock)
  {
    auto job = [held = gate]() -> Result<int> {
      held->pass();
      return 0;
    };
    (void)co_await with_timeout(clock, 2s, pool.run<int>(std::move(job)));
  }

  static asio::awaitable<void> ask(WorkerPool& pool, int number, std::vector<std::string>& answers)
  {
    auto job = [number]() -> Result<int> { return number; };
    const auto answer = co_await pool.run<int>(std::move(job));
    answers.push_back(answer ? std::to_string(*answer) : answer.error().what);
  }

  asio::io_context io;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
};

TEST_F(WorkerPoolTest, RunsTheJobElsewhereAndResumesOnTheLoop)
{
  WorkerPool pool(io.get_executor(), "files", 2);
  std::thread::id job_thread;
  std::thread::id resumed_on;
  auto task = [&pool, &job_thread, &resumed_on]() -> asio::awaitable<void> {
    auto job = []() -> Result<std::thread::id> { return std::this_thread::get_id(); };
    const auto id = co_await pool.run<std::thread::id>(std::move(job));
    if (id) job_thread = *id;
    resumed_on = std::this_thread::get_id();
  };
  spawn(io.get_executor(), "test", task());
  io.run(); // does not end before the job is done

  EXPECT_NE(job_thread, std::thread::id());
  EXPECT_NE(job_thread, std::this_thread::get_id());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(WorkerPoolTest, EveryThreadDoesFirstWhatItHasTo)
{
  static thread_local bool begun = false;
  begin_worker_threads_with([] { begun = true; });
  std::vector<bool> seen;
  auto task = [&seen](WorkerPool& pool) -> asio::awaitable<void> {
    auto job = []() -> Result<bool> { return begun; };
    seen.push_back((co_await pool.run<bool>(std::move(job))).value());
  };
  WorkerPool files(io.get_executor(), "files", 1);
  WorkerPool resolver(io.get_executor(), "resolver", 1);
  for (WorkerPool* pool : {&files, &resolver})
    spawn(io.get_executor(), "test", task(*pool));
  io.run();
  begin_worker_threads_with(nullptr);
  EXPECT_EQ(seen, (std::vector<bool>{true, true}));
  EXPECT_FALSE(begun);
}

TEST_F(WorkerPoolTest, CarriesMoveOnlyJobsAndResults)
{
  WorkerPool pool(io.get_executor(), "files", 1);
  std::string seen;
  auto task = [&pool, &seen]() -> asio::awaitable<void> {
    auto job = [secret = Secret("not-a-real-secret")]() mutable -> Result<Secret> {
      return std::move(secret);
    };
    const auto secret = co_await pool.run<Secret>(std::move(job));
    if (secret) seen = secret->reveal();
  };
  spawn(io.get_executor(), "test", task());
  io.run();
  EXPECT_EQ(seen, "not-a-real-secret");
}

TEST_F(WorkerPoolTest, TurnsAnExceptionOfTheJobIntoAnError)
{
  WorkerPool pool(io.get_executor(), "files", 1);
  std::optional<Error> seen;
  auto task = [&pool, &seen]() -> asio::awaitable<void> {
    auto job = []() -> Result<int> { throw std::runtime_error("the disk is made of cheese"); };
    const auto outcome = co_await pool.run<int>(std::move(job));
    if (!outcome) seen = outcome.error();
  };
  spawn(io.get_executor(), "test", task());
  io.run();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->code, Errc::internal);
  EXPECT_EQ(seen->what, "the disk is made of cheese");
}

TEST_F(WorkerPoolTest, AHungCallHoldsUpNobodyElse)
{
  WorkerPool pool(io.get_executor(), "resolver", 2);
  hang(pool);
  gate->await_arrivals(1);

  std::vector<std::string> answers;
  for (int i = 0; i < 20; ++i)
    spawn(io.get_executor(), "ask", ask(pool, i, answers));
  while (answers.size() < 20)
    io.run_one();
  EXPECT_EQ(answers.front(), "0");
  EXPECT_EQ(answers.back(), "19");
  gate->open();
  io.run();
}

TEST_F(WorkerPoolTest, AsManyHungCallsAsThreadsHoldUpNobodyElse)
{
  WorkerPool pool(io.get_executor(), "files", 2);
  test::ManualClock clock(io);
  std::vector<std::string> answers;
  for (int hung = 1; hung <= 6; hung += 2) { // three times
    give_up_on_hanging(pool, clock, 2);
    gate->await_arrivals(hung + 1);
    const std::size_t before = answers.size();
    spawn(io.get_executor(), "ask", ask(pool, hung, answers)); // queues, before the others give up
    clock.advance(2s);
    io.restart();
    while (answers.size() == before)
      io.run_one();
  }
  EXPECT_EQ(answers, (std::vector<std::string>{"1", "3", "5"}));
  gate->open();
  gate->await_departures(6);
}

TEST_F(WorkerPoolTest, ThreadsThatComeBackAreNotMoreThanBefore)
{
  WorkerPool pool(io.get_executor(), "files", 2);
  test::ManualClock clock(io);
  give_up_on_hanging(pool, clock, 2);
  gate->await_arrivals(2);
  clock.advance(2s);
  std::vector<std::string> answers;
  spawn(io.get_executor(), "ask", ask(pool, 1, answers));
  io.restart();
  while (answers.empty())
    io.run_one();
  gate->open();
  gate->await_departures(2);

  gate = std::make_shared<Gate>();
  io.restart();
  for (int i = 0; i < 3; ++i)
    hang(pool);
  gate->await_arrivals(2);
  EXPECT_EQ(gate->arrivals(), 2);
  gate->open();
  io.restart();
  io.run();
  EXPECT_EQ(gate->arrivals(), 3);
}

TEST_F(WorkerPoolTest, NotEveryThreadThatHangsIsReplaced)
{
  WorkerPool pool(io.get_executor(), "files", 2);
  test::ManualClock clock(io);
  for (int hung = 0; hung < 18; ++hung) { // 16 that are replaced, and the pool's own
    give_up_on_hanging(pool, clock, 1);
    gate->await_arrivals(hung + 1);
    clock.advance(2s);
  }
  std::vector<std::string> answers;
  spawn(io.get_executor(), "ask", ask(pool, 1, answers));
  io.restart();
  io.poll();
  EXPECT_TRUE(answers.empty());
  gate->open();
  io.restart();
  io.run();
  EXPECT_EQ(answers, std::vector<std::string>{"1"});
}

TEST_F(WorkerPoolTest, CallsOfAPoolOfOneThreadNeverOverlap)
{
  WorkerPool pool(io.get_executor(), "writer", 1);
  test::ManualClock clock(io);
  give_up_on_hanging(pool, clock, 1);
  gate->await_arrivals(1);
  clock.advance(2s);
  std::vector<std::string> answers;
  spawn(io.get_executor(), "ask", ask(pool, 1, answers));
  io.restart();
  io.poll();
  EXPECT_TRUE(answers.empty());
  gate->open();
  io.restart();
  io.run();
  EXPECT_EQ(answers, std::vector<std::string>{"1"});
}

TEST_F(WorkerPoolTest, RefusesWhatTheQueueCannotHold)
{
  WorkerPool pool(io.get_executor(), "keyring", 1, 2);
  hang(pool);
  gate->await_arrivals(1);

  std::vector<std::string> answers;
  for (int i = 0; i < 3; ++i)
    spawn(io.get_executor(), "ask", ask(pool, i, answers));
  io.poll();
  EXPECT_EQ(answers, std::vector<std::string>{"too many calls wait for the keyring threads"});
  gate->open();
  io.run();
  EXPECT_EQ(answers.size(), 3U);
}

TEST_F(WorkerPoolTest, ACallerThatGivesUpIsAnsweredWhileItsCallHangs)
{
  WorkerPool pool(io.get_executor(), "resolver", 1, 1);
  test::ManualClock clock(io);
  std::vector<std::string> answers;
  auto task = [&pool, &clock, &answers, this]() -> asio::awaitable<void> {
    auto job = [held = gate]() -> Result<int> {
      held->pass();
      return 7;
    };
    const auto answer = co_await with_timeout(clock, 2s, pool.run<int>(std::move(job)));
    answers.push_back(answer ? "answered" : std::string(to_string(answer.error().code)));
  };
  spawn(io.get_executor(), "test", task());
  clock.run();
  gate->await_arrivals(1);
  clock.advance(2s);
  EXPECT_EQ(answers, std::vector<std::string>{"timeout"});

  gate->open(); // the late result goes nowhere, and the thread serves again
  spawn(io.get_executor(), "ask", ask(pool, 8, answers));
  io.restart();
  io.run();
  EXPECT_EQ(answers.back(), "8");
}

TEST_F(WorkerPoolTest, ACallThatIsGivenUpInTheQueueIsWithdrawn)
{
  WorkerPool pool(io.get_executor(), "resolver", 1, 1);
  hang(pool);
  gate->await_arrivals(1);

  std::atomic<bool> ran = false;
  asio::cancellation_signal stop;
  auto task = [&pool, &ran]() -> asio::awaitable<void> {
    auto job = [&ran]() -> Result<int> {
      ran = true;
      return 0;
    };
    (void)co_await pool.run<int>(std::move(job));
  };
  bool aborted = false;
  auto note = [&aborted](const std::exception_ptr& e) { aborted = e != nullptr; };
  asio::co_spawn(io, task(), asio::bind_cancellation_slot(stop.slot(), note));
  io.poll();
  stop.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(aborted);

  // The place in the queue is free again.
  std::vector<std::string> answers;
  spawn(io.get_executor(), "ask", ask(pool, 1, answers));
  gate->open();
  io.run();
  EXPECT_EQ(answers, std::vector<std::string>{"1"});
  EXPECT_FALSE(ran);
}

TEST_F(WorkerPoolTest, DiesWithoutWaitingForACallThatHangs)
{
  {
    asio::io_context loop;
    WorkerPool pool(loop.get_executor(), "keyring", 1);
    spawn(loop.get_executor(), "hang", hang_call(pool));
    loop.poll();
    gate->await_arrivals(1);
  } // pool and loop are gone; the thread is not
  gate->open();
  gate->await_departures(1);
}

TEST_F(WorkerPoolTest, ManyCallersAtOnceGetEachTheirOwnAnswer)
{
  WorkerPool pool(io.get_executor(), "files", 4);
  std::vector<std::string> answers;
  for (int i = 0; i < 1000; ++i)
    spawn(io.get_executor(), "ask", ask(pool, i, answers));
  io.run();
  ASSERT_EQ(answers.size(), 1000U);
  std::sort(answers.begin(), answers.end());
  EXPECT_EQ(std::unique(answers.begin(), answers.end()), answers.end());
}

} // namespace
} // namespace purser
