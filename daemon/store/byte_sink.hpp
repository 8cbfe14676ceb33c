#pragma once

#include "common/result.hpp"

#include <functional>
#include <string_view>

namespace purser {

// Takes bytes, a piece behind the other. After an error it is given nothing more.
using ByteSink = std::function<Result<>(std::string_view piece)>;

// Gives bytes to a sink, from the first to the last; again, where it is asked again. An error is
// its own or the sink's, and then what was given is of no use.
using ByteSource = std::function<Result<>(const ByteSink& sink)>;

// Bytes that lie in memory already, and for as long as they do.
[[nodiscard]] inline ByteSource all_of(std::string_view bytes)
{
  return [bytes](const ByteSink& sink) { return sink(bytes); };
}

} // namespace purser
