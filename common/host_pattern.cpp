#include "common/host_pattern.hpp"

#include "common/slice.hpp"

#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_none = std::string_view::npos;

// Splits `host:port` (with the colon in `port`). The colons inside the brackets of an
// IPv6 address separate nothing.
std::string_view take_host(std::string_view& registry)
{
  const std::size_t bracket = registry.find(']');
  const std::size_t from = bracket == k_none ? 0 : bracket;
  const std::string_view host = head(registry, registry.find(':', from));
  registry.remove_prefix(host.size());
  return host;
}

bool labels_match(std::string_view pattern, std::string_view host)
{
  for (;;) {
    const std::size_t wanted_size = pattern.find('.');
    const std::size_t label_size = host.find('.');
    const std::string_view wanted = head(pattern, wanted_size);
    const std::string_view label = head(host, label_size);
    if (wanted == "*" ? label.empty() : wanted != label) return false;
    if (wanted_size == k_none || label_size == k_none) return wanted_size == label_size;
    pattern.remove_prefix(wanted_size + 1);
    host.remove_prefix(label_size + 1);
  }
}

bool registry_matches(std::string_view pattern, std::string_view registry)
{
  const std::string_view wanted = take_host(pattern);
  const std::string_view host = take_host(registry);
  return pattern == registry && !host.empty() && labels_match(wanted, host);
}

bool path_matches(std::string_view pattern, std::string_view repository)
{
  if (pattern == "*") return !repository.empty();
  if (!pattern.ends_with("/*")) return pattern == repository;
  pattern.remove_suffix(1); // the slash stays, so that `team/*` does not claim `team-b/x`
  return repository.size() > pattern.size() && begins_with(repository, pattern);
}

} // namespace

bool pattern_matches(std::string_view pattern,
                     std::string_view registry,
                     std::string_view repository)
{
  if (pattern == registry) return true;
  // Docker's keys for its OAuth tokens equal nothing but themselves.
  if (registry.find('/') != k_none) return false;

  const std::size_t slash = pattern.find('/');
  if (!registry_matches(head(pattern, slash), registry)) return false;
  if (slash == k_none) return true;
  pattern.remove_prefix(slash + 1);
  return path_matches(pattern, repository);
}

} // namespace purser
