#pragma once

#include "cli/import/found_entry.hpp"
#include "cli/programs/login.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace purser::cli {

// What purser has for a key before an import.
struct Standing {
  std::string minted_by;       // the provider that obtains tokens for it; empty where none does
  std::optional<Login> stored; // under this very key
};
using Standings = std::map<std::string, Standing, std::less<>>; // by canonical text

enum class Fate {
  import,   // it will be stored
  present,  // the same is stored already
  replace,  // it will take the place of another one, as asked
  conflict, // another one is stored, or two sources differ: a person decides
  minted,   // purser obtains tokens for this registry
  unusable  // cannot be a stored credential
};

struct PlannedEntry {
  PlannedEntry(FoundEntry f, Fate t, std::string w)
    : found(std::move(f)), fate(t), why(std::move(w))
  {
  }

  FoundEntry found;
  Fate fate;
  std::string why; // half a sentence; empty where there is nothing to explain
};

// What is to be done with each entry, in the order in which they were found. Of several with one
// key and the same credential each has the same fate; where two sources differ about a key, all of
// them are conflicts, and `overwrite` does not settle that: nobody said which one is right.
[[nodiscard]] std::vector<PlannedEntry>
plan_import(std::vector<FoundEntry> found, const Standings& standings, bool overwrite);

// Whether it is, or will be, in purser's store.
[[nodiscard]] constexpr bool is_taken(Fate fate)
{
  return fate == Fate::import || fate == Fate::present || fate == Fate::replace;
}

} // namespace purser::cli
