#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace purser::aws {

// What the chain did with one source.
struct ChainStep {
  enum class Outcome {
    absent,    // it is not configured: `why` says what is not there
    used,      // `why` says where the keys come from
    failed,    // it is configured and cannot be used: `why` is the error
    not_asked, // one before it was used or failed
  };

  std::string_view source; // a literal
  Outcome outcome;
  std::string why; // names only, never a secret
};

// The way of one request through the chain, in its order: for people who ask why.
struct ChainTrace {
  std::vector<ChainStep> steps;
  std::string absent_because; // of the source that is being asked
};

} // namespace purser::aws
