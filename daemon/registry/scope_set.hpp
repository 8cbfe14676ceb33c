#pragma once

#include "common/result.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// Rights at a registry (distribution, "Token Scope Documentation"): `repository:a/b:pull,push
// registry:catalog:*`.
//
// Kept in one canonical form, so that equal sets have equal texts: one entry for each resource,
// its actions sorted and without doubles, `*` alone where it is among them, entries in the order
// of their bytes. An entry with fewer than two colons is opaque (`aws`): it means itself and
// nothing else. Case matters.
class ScopeSet {
public:
  ScopeSet() = default;

  // Entries separated by spaces; an entry without actions (`repository:a:`) asks for nothing and
  // is left out. bad_request for more than 64 entries or 4 KiB, and for what RFC 6749 (3.3) does
  // not allow in a scope: quotes, backslashes, control characters and bytes outside ASCII.
  [[nodiscard]] static Result<ScopeSet> parse(std::string_view text);

  // Of one repository: `actions` is `pull`, `pull,push`, `*` ... bad_request for a name that is
  // none (OCI distribution specification 1.1, "Pulling manifests") or an action that is none.
  [[nodiscard]] static Result<ScopeSet> repository(std::string_view name, std::string_view actions);

  // `registry:catalog:*`: listing all repositories.
  [[nodiscard]] static ScopeSet catalog();

  // The entries with a space between them, which parse() makes the same set of.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  // The entries, those that allow more than reading first: some token servers read only the first
  // (old GitLab, Keycloak), and who mounts a blob of another repository can do without that one.
  [[nodiscard]] std::vector<std::string> by_need() const;

  // Whether whoever has these rights has all of `wanted`. A partial order, but for the class of a
  // resource: `repository(plugin):a:pull` and `repository:a:pull` are the same right with two
  // texts.
  [[nodiscard]] bool covers(const ScopeSet& wanted) const;

  // The least set that covers both.
  [[nodiscard]] ScopeSet merged(const ScopeSet& other) const;

  // Whether no more is asked for than reading repositories. Also of the empty set.
  [[nodiscard]] bool only_pull() const;

  auto operator<=>(const ScopeSet&) const = default;

private:
  explicit ScopeSet(const std::vector<std::string>& entries); // cleans them

  std::vector<std::string> entries_;
};

} // namespace purser
