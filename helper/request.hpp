#pragma once

#include "helper/front_end.hpp"
#include "helper/verb.hpp"

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace purser::helper {

// One request to the daemon, frozen as version 1 (docs/protocol.md).
//
// The parts point into this object and into what it was made of.
class Request {
public:
  // `entries` as write_entries() leaves them.
  Request(FrontEnd front_end, Verb verb, std::string_view entries, std::string_view input)
    : front_end_(front_end), verb_(verb), entries_(entries), input_(input)
  {
  }

  // Says in the request how long the answer may take from now on.
  std::array<iovec, 3> parts(int milliseconds_left);

private:
  FrontEnd front_end_;
  Verb verb_;
  std::string_view entries_;
  std::string_view input_;
  std::array<char, 192> head_{};
};

} // namespace purser::helper
