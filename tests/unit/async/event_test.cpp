#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace purser {
namespace {
namespace asio = boost::asio;

asio::awaitable<void> count_when_set(Event& event, int& woken)
{
  co_await event.wait();
  ++woken;
}

TEST(EventTest, WakesThoseWhoWaitAndThoseWhoComeLater)
{
  asio::io_context io;
  Event event(io.get_executor());
  int woken = 0;
  spawn(io.get_executor(), "early", count_when_set(event, woken));
  spawn(io.get_executor(), "early", count_when_set(event, woken));
  io.poll();
  EXPECT_EQ(woken, 0);
  event.set();
  spawn(io.get_executor(), "late", count_when_set(event, woken));
  io.run();
  EXPECT_EQ(woken, 3);
}

TEST(EventTest, ACancelledWaiterThrowsAndTheOthersGoOnWaiting)
{
  asio::io_context io;
  Event event(io.get_executor());
  int woken = 0;
  bool threw = false;
  asio::cancellation_signal stop;
  auto note = [&threw](const std::exception_ptr& e) { threw = e != nullptr; };
  asio::co_spawn(io, count_when_set(event, woken), asio::bind_cancellation_slot(stop.slot(), note));
  spawn(io.get_executor(), "other", count_when_set(event, woken));
  io.poll();
  stop.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(threw);
  EXPECT_EQ(woken, 0);
  event.set();
  io.run();
  EXPECT_EQ(woken, 1);
}

TEST(SpawnTest, LetsAnExceptionOutOfTheLoop)
{
  asio::io_context io;
  auto task = []() -> asio::awaitable<void> {
    throw std::runtime_error("bug");
    co_return;
  };
  spawn(io.get_executor(), "test", task());
  EXPECT_THROW(io.run(), std::runtime_error);
}

TEST(ContainedTest, TurnsAnExceptionIntoAnInternalError)
{
  asio::io_context io;
  Result<int> seen = 0;
  auto broken = []() -> asio::awaitable<Result<int>> {
    throw std::runtime_error("bug");
    co_return 1;
  };
  auto task = [&seen, &broken]() -> asio::awaitable<void> { seen = co_await contained(broken()); };
  spawn(io.get_executor(), "test", task());
  io.run();
  ASSERT_TRUE(seen.has_error());
  EXPECT_EQ(seen.error().code, Errc::internal);
}

} // namespace
} // namespace purser
