#pragma once

#include "common/result.hpp"
#include "daemon/store/key_ladder.hpp"
#include "daemon/store/sealed_file.hpp"
#include "daemon/store/store_format.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace purser {

struct Recovery {
  bool damaged = false;         // else nothing was done
  std::vector<RecordName> kept; // what is in the new file
  std::vector<RecordName> lost; // see Salvage
  std::uint64_t unnamed = 0;    // see Salvage
  std::string set_aside;        // where the damaged file is now
};

// Makes a new store of the records in a damaged one that still open, and keeps the damaged file
// beside it under another name. For a person who asks for it. Crash-safe: until the new store is
// there, the damaged one is. misconfigured where not one record opens: then it is more likely the
// wrong key, and nothing is changed. Blocks.
[[nodiscard]] Result<Recovery>
recover_store(const std::string& path,
              const KeyLadder& ladder,
              std::chrono::milliseconds lock_limit = SealedFile::k_lock_limit);

} // namespace purser
