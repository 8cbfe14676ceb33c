#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/time/system_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

class SystemClockTest : public testing::Test {
protected:
  asio::awaitable<void> note_at(BootTime wake, char name)
  {
    co_await clock.sleep_until(wake);
    woken += name;
    early = early || clock.now() < wake;
  }

  asio::io_context io;
  SystemClock clock{io.get_executor()};
  std::string woken;
  bool early = false;
};

TEST_F(SystemClockTest, WakesSleepersInOrderAndNeverEarly)
{
  const auto start = clock.now();
  spawn(io.get_executor(), "c", note_at(start + 30ms, 'c'));
  spawn(io.get_executor(), "a", note_at(start + 10ms, 'a'));
  spawn(io.get_executor(), "b", note_at(start + 20ms, 'b'));
  io.run();
  EXPECT_EQ(woken, "abc");
  EXPECT_FALSE(early);
}

TEST_F(SystemClockTest, AMomentThatHasPassedNeedsNoSleep)
{
  spawn(io.get_executor(), "a", note_at(clock.now() - 1h, 'a'));
  io.run();
  EXPECT_EQ(woken, "a");
}

TEST_F(SystemClockTest, ACancelledSleeperHoldsUpNeitherTheLoopNorOthers)
{
  asio::cancellation_signal stop;
  bool threw = false;
  auto note = [&threw](const std::exception_ptr& e) { threw = e != nullptr; };
  asio::co_spawn(io, note_at(clock.now() + 24h, 'x'),
                 asio::bind_cancellation_slot(stop.slot(), note));
  spawn(io.get_executor(), "a", note_at(clock.now() + 5ms, 'a'));
  io.poll();
  stop.emit(asio::cancellation_type::terminal);
  io.run(); // ends, although the cancelled one wanted a day
  EXPECT_TRUE(threw);
  EXPECT_EQ(woken, "a");
}

TEST_F(SystemClockTest, NobodysSleepLeavesTheLoopNothingToDo)
{
  asio::cancellation_signal stop;
  auto ignore = [](const std::exception_ptr&) {};
  asio::co_spawn(io, note_at(clock.now() + 24h, 'x'),
                 asio::bind_cancellation_slot(stop.slot(), ignore));
  io.poll();
  EXPECT_FALSE(io.stopped());
  stop.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(io.stopped());
}

TEST_F(SystemClockTest, GoesOnAfterEveryoneHasGone)
{
  for (const char name : {'a', 'b', 'c'}) {
    spawn(io.get_executor(), "again", note_at(clock.now() + 1ms, name));
    io.restart();
    io.run();
  }
  EXPECT_EQ(woken, "abc");
}

TEST_F(SystemClockTest, ANearerSleeperIsServedAfterAFartherOne)
{
  spawn(io.get_executor(), "far", note_at(clock.now() + 40ms, 'f'));
  io.poll();
  spawn(io.get_executor(), "near", note_at(clock.now() + 1ms, 'n'));
  io.run();
  EXPECT_EQ(woken, "nf");
}

asio::awaitable<void> sleep_a_day(Clock& clock)
{
  co_await clock.sleep_until(clock.now() + 24h);
}

TEST(SystemClockLifeTest, SleepersMayDieAfterTheClock)
{
  asio::io_context io;
  SystemClock clock(io.get_executor()); // dies first
  spawn(io.get_executor(), "test", sleep_a_day(clock));
  io.poll();
}

TEST(SystemClockLifeTest, CountsOnTheBootClockAndTheWall)
{
  asio::io_context io;
  const SystemClock clock(io.get_executor());
  const auto wall = std::chrono::system_clock::now();
  EXPECT_LT(clock.wall() - wall, 5s);
  EXPECT_GE(clock.wall(), wall);
  timespec boot{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  const auto now = clock.now().time_since_epoch();
  EXPECT_LT(now - std::chrono::seconds(boot.tv_sec), 5s);
  EXPECT_GE(now, std::chrono::seconds(boot.tv_sec));
}

} // namespace
} // namespace purser
