#pragma once

#include "common/result.hpp"
#include "daemon/store/store_kind.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Which store is used where the configuration leaves it open (store.kind "auto"): decided once,
// written down, and changed by command only. docs/decisions/0005-choice-of-store.md has the
// reasons.
namespace purser {

// What was found at the session's Secret Service.
enum class KeyringFinding : std::uint8_t {
  no_bus,              // there is no session bus: nothing was started
  absent,              // nobody answers for it, or it has no default keyring
  silent,              // it did not answer in time
  locked_and_empty,    // without a credential of docker's programs
  locked_with_entries, // with some, as far as one can tell
  unlocked,
};

// What the decision is made from.
struct StoreEvidence {
  StoreEvidence(bool f, KeyringFinding k) : file_has_entries(f), keyring(k) {}

  bool file_has_entries;
  KeyringFinding keyring;
};

struct StoreDecision {
  StoreKind kind;
  std::string_view because; // a clause for people
};

// Nothing where it stays open, which is never so where something is to be stored. Credentials that
// lie somewhere already decide, whatever answers at the moment.
[[nodiscard]] std::optional<StoreDecision> decide(const StoreEvidence& evidence, bool storing);

// A decision as it was written down.
struct StoreChoice {
  StoreChoice(StoreKind k, std::string at, std::string why)
    : kind(k), chosen_at(std::move(at)), because(std::move(why))
  {
  }

  friend bool operator==(const StoreChoice&, const StoreChoice&) = default;

  StoreKind kind;
  std::string chosen_at; // RFC 3339, for people
  std::string because;   // a clause for people
  // Where entries lie that were moved from and are still to be erased; else nothing.
  std::optional<StoreKind> leaving;
};

inline constexpr std::size_t k_max_choice = std::size_t{4} << 10;

// One JSON object, a line: {"version":1,"kind":"file","chosen_at":"...","because":"..."}.
[[nodiscard]] std::string encode_choice(const StoreChoice& choice);
// protocol_error where it is none of ours; `what` is half a sentence without a path.
[[nodiscard]] Result<StoreChoice> parse_choice(std::string_view text);

} // namespace purser
