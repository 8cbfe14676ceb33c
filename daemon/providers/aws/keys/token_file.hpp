#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser::aws {

// The token in a file, without blanks around it; blocks. misconfigured where the file is
// missing, cannot be read, is no regular file, is empty, over 64 KiB or of several lines;
// names the file.
[[nodiscard]] Result<Secret> read_token_file(const std::string& path);

// The same on a thread of the pool, for 6 s at most.
[[nodiscard]] boost::asio::awaitable<Result<Secret>>
read_token_file(WorkerPool& files, Clock& clock, std::string path);

} // namespace purser::aws
