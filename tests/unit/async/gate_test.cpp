#include "daemon/async/event.hpp"
#include "daemon/async/gate.hpp"
#include "daemon/async/spawn.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <vector>

namespace purser {
namespace {
namespace asio = boost::asio;
using testing::ElementsAre;

struct GateTest : testing::Test {
  asio::io_context io;
  Gate gate{io.get_executor(), 2};
  std::vector<int> inside; // in the order in which they came in
  std::vector<std::unique_ptr<Event>> doors;

  GateTest()
  {
    for (int i = 0; i < 6; ++i)
      doors.push_back(std::make_unique<Event>(io.get_executor()));
  }

  void run()
  {
    io.restart();
    io.poll();
  }
  asio::awaitable<void> visit(int who)
  {
    const auto pass = co_await gate.enter();
    inside.push_back(who);
    co_await doors.at(static_cast<std::size_t>(who))->wait();
  }
  void send(int who)
  {
    spawn(io.get_executor(), "visitor", visit(who));
    run();
  }
  void leave(int who)
  {
    doors.at(static_cast<std::size_t>(who))->set();
    run();
  }
};

TEST_F(GateTest, TheOthersWaitInTheirOrder)
{
  for (int who = 0; who < 5; ++who)
    send(who);
  EXPECT_THAT(inside, ElementsAre(0, 1));
  leave(1);
  EXPECT_THAT(inside, ElementsAre(0, 1, 2));
  leave(0);
  leave(2);
  EXPECT_THAT(inside, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(GateTest, APlaceThatNobodyWaitedForIsFree)
{
  send(0);
  leave(0);
  send(1);
  send(2);
  EXPECT_THAT(inside, ElementsAre(0, 1, 2));
}

TEST_F(GateTest, WhoGivesUpTakesNoPlace)
{
  asio::cancellation_signal stop;
  bool threw = false;
  send(0);
  send(1);
  auto note = [&threw](const std::exception_ptr& e) { threw = e != nullptr; };
  asio::co_spawn(io, visit(2), asio::bind_cancellation_slot(stop.slot(), note));
  io.poll();
  send(3);
  stop.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(threw);
  leave(0);
  EXPECT_THAT(inside, ElementsAre(0, 1, 3));
}

// It was called, and is cancelled before it has come.
TEST_F(GateTest, WhoGivesUpAtTheLastMomentLeavesItsPlaceToTheNext)
{
  asio::cancellation_signal stop;
  send(0);
  send(1);
  asio::co_spawn(io, visit(2), asio::bind_cancellation_slot(stop.slot(), asio::detached));
  io.poll();
  send(3);
  doors[0]->set();
  while (inside.size() < 3 && io.poll_one() > 0)
    stop.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_THAT(inside, ElementsAre(0, 1, 2, 3));
}

TEST_F(GateTest, WhatIsBehindItMayOutliveIt)
{
  auto passing = std::make_unique<Gate>(io.get_executor(), 1);
  auto visitor = [](Gate& through, Event& door) -> asio::awaitable<void> {
    const auto pass = co_await through.enter();
    co_await door.wait();
  };
  spawn(io.get_executor(), "inside", visitor(*passing, *doors[0]));
  io.poll();
  passing.reset();
  leave(0);
}

} // namespace
} // namespace purser
