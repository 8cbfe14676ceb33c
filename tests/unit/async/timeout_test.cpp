#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>

namespace purser {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

class TimeoutTest : public testing::Test {
protected:
  asio::awaitable<Result<int>> answer_when_told()
  {
    co_await told.wait();
    if (broken) throw std::runtime_error("broken");
    co_return 42;
  }

  asio::awaitable<void> wait(Duration limit)
  {
    outcome = co_await with_timeout(clock, limit, answer_when_told());
  }

  void start(Duration limit)
  {
    auto note = [this](const std::exception_ptr& e) { threw = e != nullptr; };
    asio::co_spawn(io, wait(limit), asio::bind_cancellation_slot(stop.slot(), note));
    clock.run();
  }

  asio::io_context io;
  test::ManualClock clock{io};
  Event told{io.get_executor()};
  asio::cancellation_signal stop;
  bool broken = false;
  bool threw = false;
  std::optional<Result<int>> outcome;
};

TEST_F(TimeoutTest, PassesOnAnAnswerInTimeAndForgetsTheTimer)
{
  start(5s);
  EXPECT_EQ(clock.sleepers(), 1U);
  told.set();
  clock.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->value(), 42);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(TimeoutTest, GivesUpAtTheLimitAndNotBefore)
{
  start(5s);
  clock.advance(4999ms);
  EXPECT_FALSE(outcome);
  clock.advance(1ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
}

TEST_F(TimeoutTest, ReportsAnExceptionAtOnceAndNotAsATimeout)
{
  broken = true;
  start(5s);
  told.set();
  clock.run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::internal);
  EXPECT_EQ(outcome->error().what, "broken");
}

TEST_F(TimeoutTest, ThrowsWhenItsCallerIsCancelled)
{
  start(5s);
  stop.emit(asio::cancellation_type::terminal);
  clock.run();
  EXPECT_TRUE(threw);
  EXPECT_FALSE(outcome);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(TimeoutTest, ALimitThatHasPassedAlreadyTimesOut)
{
  start(-1s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
}

} // namespace
} // namespace purser
