#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

namespace purser::aws {

// Less than other questions have: the network may let nothing through to STS.
inline constexpr Duration k_caller_identity_limit = std::chrono::seconds(6);

// Whose `keys` of `source` are (sts:GetCallerIdentity, which needs no permission). One
// question, no repetition. Errors are lines like those of StsIssuer.
[[nodiscard]] boost::asio::awaitable<Result<Principal>> ask_caller_identity(
    Clock& clock, SignedClient& http, AwsSourcePtr source, AwsKeys keys, Issuer sts, Egress egress);

} // namespace purser::aws
