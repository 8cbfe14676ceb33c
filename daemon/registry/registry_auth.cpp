#include "daemon/registry/registry_auth.hpp"

#include <algorithm>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_most_offered = 200; // bytes, of an error text

std::string names_of(const std::vector<Challenge>& challenges)
{
  std::string names;
  for (const auto& challenge : challenges) {
    if (names.size() + challenge.scheme.size() > k_most_offered) break;
    if (!names.empty()) names += ", ";
    names += challenge.scheme;
  }
  return names;
}

void read_params(RegistryAuth& auth, const Challenge& challenge)
{
  auth.realm = challenge.param("realm").value_or("");
  auth.service = challenge.param("service").value_or("");
  auth.error = challenge.param("error").value_or("");
  if (auto scope = ScopeSet::parse(challenge.param("scope").value_or("")))
    auth.scope = std::move(*scope);
}

} // namespace

RegistryAuth choose_scheme(const std::vector<Challenge>& challenges)
{
  RegistryAuth auth;
  if (challenges.empty()) return auth;
  auth.offered = names_of(challenges);
  const auto bearer = std::find_if(challenges.begin(), challenges.end(), [](const auto& one) {
    return one.scheme == "bearer" && !one.param("realm").value_or("").empty();
  });
  const auto basic = std::find_if(challenges.begin(), challenges.end(),
                                  [](const auto& one) { return one.scheme == "basic"; });
  if (bearer != challenges.end()) {
    auth.scheme = RegistryAuth::Scheme::bearer;
    read_params(auth, *bearer);
  } else if (basic != challenges.end()) {
    auth.scheme = RegistryAuth::Scheme::basic;
    read_params(auth, *basic);
  } else {
    auth.scheme = RegistryAuth::Scheme::unknown;
  }
  return auth;
}

} // namespace purser
