#pragma once

#include "common/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

// Which part of a list that grows is asked for: `?run=NAME&after=NUMBER` behind a path
// (docs/protocol.md). Another run than the daemon's own begins at the beginning: the numbers of one
// that ended mean nothing in the next.
struct AskedPart {
  std::string run; // empty: any
  std::uint64_t after = 0;

  // The number behind which to begin.
  [[nodiscard]] std::uint64_t after_in(std::string_view own_run) const
  {
    return run.empty() || run == own_run ? after : 0;
  }
};

// Of a target that is `path` with or without `?...`. bad_request where it says something else.
[[nodiscard]] Result<AskedPart> asked_part(std::string_view target, std::string_view path);

// Whether the target is that path, whatever it asks for.
[[nodiscard]] bool is_at(std::string_view target, std::string_view path);

} // namespace purser
