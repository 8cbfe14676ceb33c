#pragma once

#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/store_format.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace purser {

// What is left of a damaged store. Each record is sealed by itself: whatever opens is what was
// once stored under that name, though perhaps not last.
struct Salvage {
  SealedRecords records;
  std::vector<RecordName> lost; // whose name opens and whose secret does not
  std::uint64_t unnamed = 0;    // lost, as far as the file still says how many there were
};

// Reads `bytes`, in the format of store_format.hpp, from one record that opens to the next. Of two
// records of one name the first counts.
[[nodiscard]] Salvage salvage(const SealingKey& key, std::string_view bytes);

} // namespace purser
