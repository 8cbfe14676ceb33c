#pragma once

#include "daemon/providers/token_provider.hpp"
#include "daemon/registry/scope_set.hpp"
#include "daemon/time/clock.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// Which rights tokens have, by the identity that they were obtained under, so that one with more of
// them can serve who wants less. A family is all that decides on a token but its scopes:
// credential, registry, realm, service, way out. In memory only: a daemon that has just begun knows
// none.
class ScopeIndex {
public:
  static constexpr std::size_t k_max_families = 512;
  static constexpr std::size_t k_max_entries = 256; // of a family

  struct Entry {
    Entry(Identity i, ScopeSet a) : identity(std::move(i)), asked(std::move(a)) {}

    Identity identity;
    ScopeSet asked;
    bool fetched = false;            // a token came
    std::optional<ScopeSet> granted; // what it grants, where somebody said
  };

  // What is not known yet is added; the family, or entry, that was used least recently makes room.
  void note_asked(const std::string& family,
                  std::string_view registry,
                  const Entry& entry,
                  BootTime now);
  void note_granted(const std::string& family,
                    const Identity& identity,
                    std::optional<ScopeSet> granted);
  // Null where it is not known; valid until the next call.
  [[nodiscard]] const Entry* find(const std::string& family, const Identity& identity) const;

  // Those of the family that have, or will have, all that is wanted, the one with the fewest rights
  // first. What is granted counts; where nobody says that, and `benefit_of_doubt`, what was asked.
  [[nodiscard]] std::vector<Entry>
  covering(const std::string& family, const ScopeSet& wanted, bool benefit_of_doubt) const;

  // All of a registry, which are forgotten.
  [[nodiscard]] std::vector<Identity> take(std::string_view registry);

private:
  struct Family {
    std::string registry;
    BootTime last_used{};
    std::vector<Entry> entries; // the least recently used first
  };

  void make_room();

  std::map<std::string, Family> families_;
};

} // namespace purser
