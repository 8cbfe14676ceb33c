#pragma once

#include "daemon/http/http_client.hpp"
#include "daemon/registry/registry_auth.hpp"

namespace purser {

// How a registry that gave this answer wants to be shown who asks: all of its `WWW-Authenticate`
// lines count.
[[nodiscard]] RegistryAuth wanted_auth(const HttpResponse& response);

} // namespace purser
