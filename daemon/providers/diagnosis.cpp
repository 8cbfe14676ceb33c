#include "daemon/providers/diagnosis.hpp"

namespace purser {

std::string_view to_string(Finding::State state)
{
  switch (state) {
  case Finding::State::good: return "ok";
  case Finding::State::used: return "used";
  case Finding::State::absent: return "absent";
  case Finding::State::skipped: return "skipped";
  case Finding::State::warning: return "warning";
  case Finding::State::failed: return "failed";
  }
  return "failed";
}

} // namespace purser
