#pragma once

#include "daemon/async/event.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <utility>

namespace purser {

// Lets a few in at a time; the others wait in the order in which they came. One executor, no
// locks. What is behind it may outlive it.
class Gate {
  struct State;

public:
  // A place behind the gate, given back when it dies.
  class Pass {
  public:
    explicit Pass(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Pass();
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) = delete;

  private:
    std::shared_ptr<State> state_; // null once moved from
  };

  Gate(const boost::asio::any_io_executor& ex, std::size_t places);

  // Throws operation_aborted when the waiting coroutine is cancelled.
  [[nodiscard]] boost::asio::awaitable<Pass> enter();

private:
  // Somebody who waits, until it is called: who is called comes, since an Event that is set does
  // not throw.
  class Waiting {
  public:
    explicit Waiting(std::shared_ptr<State> state);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    [[nodiscard]] boost::asio::awaitable<void> called() { return event_.wait(); }
    void call();

  private:
    std::shared_ptr<State> state_;
    Event event_;
    bool is_called_ = false;
  };
  struct State {
    State(const boost::asio::any_io_executor& e, std::size_t places) : ex(e), free(places) {}
    void leave();

    boost::asio::any_io_executor ex;
    std::size_t free;
    std::list<Waiting*> queue;
  };

  std::shared_ptr<State> state_;
};

} // namespace purser
