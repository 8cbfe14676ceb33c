#pragma once

#include "daemon/async/timeout.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>

namespace purser {

// Less than an asker waits, so that it learns the reason.
inline constexpr Duration k_file_limit = std::chrono::seconds(6);

// `op`, which reads or writes the file `name`, within k_file_limit. A deadline that passed
// knows nothing of files, so its error is said anew.
template <class T>
[[nodiscard]] boost::asio::awaitable<Result<T>>
within_file_limit(Clock& clock, std::string name, boost::asio::awaitable<Result<T>> op)
{
  auto outcome = co_await with_timeout(clock, k_file_limit, std::move(op));
  if (!outcome && outcome.error().code == Errc::timeout)
    co_return with_remedy(
        {Errc::timeout, "reading " + name + " takes too long: check the disk or network it is on"});
  co_return outcome;
}

} // namespace purser
