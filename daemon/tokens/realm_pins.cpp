#include "daemon/tokens/realm_pins.hpp"

namespace purser {

Result<>
RealmPins::check(const std::string& registry, const std::string& realm, bool configured) const
{
  const auto pin = pins_.find(registry);
  if (configured || pin == pins_.end() || pin->second == realm) return {};
  return with_remedy({Errc::unsafe, registry + " now sends us to " + realm +
                                        " for tokens, and its login has gone to " + pin->second +
                                        " before: if that is right, add \"realms\": [\"" + realm +
                                        "\"] to its rule in the configuration, or log in again"});
}

void RealmPins::note(const std::string& registry, const std::string& realm)
{
  if (pins_.size() >= k_max && !pins_.contains(registry)) return;
  pins_[registry] = realm;
}

} // namespace purser
