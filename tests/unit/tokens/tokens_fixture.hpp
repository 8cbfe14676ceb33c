#pragma once

#include "daemon/async/spawn.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace purser::test {

// Runs coroutines on a loop and a clock of the test's own.
class TokensFixture : public testing::Test {
protected:
  // Runs one until nothing happens any more; empty where it waits for something then.
  template <class T>
  std::shared_ptr<std::optional<T>> start(asio::awaitable<T> task)
  {
    auto outcome = std::make_shared<std::optional<T>>();
    spawn(io.get_executor(), "test", keep(std::move(task), outcome));
    clock.run();
    return outcome;
  }

  asio::io_context io;
  ManualClock clock{io};
  SealingKey key = SealingKey::random();

private:
  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> task,
                                    std::shared_ptr<std::optional<T>> outcome)
  {
    outcome->emplace(co_await std::move(task));
  }
};

} // namespace purser::test
