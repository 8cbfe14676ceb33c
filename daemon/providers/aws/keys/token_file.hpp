#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace purser::aws {

// The token in a file, without blanks around it; blocks. misconfigured where the file is
// missing, cannot be read, is no regular file, is empty, over 64 KiB or of several lines;
// names the file.
[[nodiscard]] Result<Secret> read_token_file(const std::string& path);

// The same on a thread of the pool, for 6 s at most.
[[nodiscard]] boost::asio::awaitable<Result<Secret>>
read_token_file(WorkerPool& files, Clock& clock, std::string path);

// Whom a token speaks for: the claims iss, sub and aud of a JWT (RFC 7519), or all of a token
// that is none. A new token of the same subject gives the same text. Nothing is verified:
// that is for whom the token is shown to.
[[nodiscard]] Secret subject_of(std::string_view token);

} // namespace purser::aws
