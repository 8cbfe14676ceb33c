#pragma once

#include "common/result.hpp"
#include "daemon/cache/cache_format.hpp"

namespace purser {

// What of a saved cache is still good at `now`, with its times as this boot's clock has them,
// the least recently used first. Pure.
//
// Within one boot the times are good as they are. Otherwise only the civil clock tells how much
// of a life has gone by: it may have been set meanwhile, so that a minute more than nothing must
// be left, no life gets longer than it was when it was saved, and a cache from the future is
// refused (misconfigured; `what` as decode_cache()'s).
[[nodiscard]] Result<KeptCache> placed(SavedCache saved, const Moment& now);

} // namespace purser
