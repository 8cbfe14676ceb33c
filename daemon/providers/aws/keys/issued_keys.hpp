#pragma once

#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <utility>

namespace purser::aws {

// Keys that somebody issued, and until when by the issuer's clock; nothing where it did not say.
struct IssuedKeys {
  IssuedKeys(AwsKeys k, std::optional<WallTime> e) : keys(std::move(k)), expires_at(e) {}

  AwsKeys keys;
  std::optional<WallTime> expires_at;
};

} // namespace purser::aws
