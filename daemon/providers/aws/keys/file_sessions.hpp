#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace purser::aws {

// Sessions in files that the aws command and others use and renew as well. They are read each
// time, and renewed once for all of ours who wait, since a refresh token may be good once only.
//
// `Token` has an `expires_at`, and same_as().
template <class Token>
class FileSessions {
public:
  using TokenPtr = std::shared_ptr<const Token>;

  // What is done with one kind of session.
  struct Steps {
    Steps() = default; // no aggregate: it is passed to coroutines

    std::function<boost::asio::awaitable<Result<Token>>()> read;
    std::function<bool(const Token&)> wants_renewal; // and can be renewed
    std::function<boost::asio::awaitable<Result<Token>>(TokenPtr)> renew;
    Error ended; // where it is over, and somebody has to log in
  };

  // The clock is borrowed.
  FileSessions(boost::asio::any_io_executor ex, Clock& clock) : ex_(std::move(ex)), clock_(clock) {}

  // A token that is alive: also an old one, where it could not be renewed. Errors: those of the
  // steps.
  [[nodiscard]] boost::asio::awaitable<Result<Token>> live(std::string file, Steps steps)
  {
    for (;;) {
      auto token = co_await steps.read();
      if (!token) co_return token.error();
      if (!steps.wants_renewal(*token)) {
        if (token->expires_at <= clock_.wall()) co_return steps.ended;
        co_return token;
      }
      if (const auto other = renewals_.find(file); other != renewals_.end()) {
        const auto done = other->second;
        co_await done->wait();
        continue; // to what the other has written
      }
      const auto done = std::make_shared<Event>(ex_);
      renewals_.emplace(file, done);
      const auto shared = std::make_shared<const Token>(std::move(*token));
      auto renewed = co_await contained(steps.renew(shared));
      renewals_.erase(file);
      done->set();
      if (renewed) co_return std::move(*renewed);
      co_return co_await token_after(steps, shared, renewed.error());
    }
  }

private:
  // The renewal failed: somebody may have logged in or renewed it meanwhile, and the old one may
  // be alive. The aws command writes into the file that is there, a moment after it got a token.
  boost::asio::awaitable<Result<Token>> token_after(Steps steps, TokenPtr old, Error failure)
  {
    constexpr Duration k_writing = std::chrono::seconds(1);
    constexpr Duration k_look_again = std::chrono::milliseconds(50);
    const auto until = clock_.now() + k_writing;
    for (;;) {
      auto token = co_await steps.read();
      if (!token) co_return token.error();
      if (token->expires_at > clock_.wall()) co_return token;
      if (!token->same_as(*old)) co_return steps.ended;
      const bool refused = failure.code == Errc::interaction_required;
      if (!refused || clock_.now() >= until) co_return failure;
      co_await clock_.sleep_until(clock_.now() + k_look_again);
    }
  }

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  std::map<std::string, std::shared_ptr<Event>> renewals_; // under way, by file
};

} // namespace purser::aws
