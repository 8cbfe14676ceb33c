#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <string>
#include <string_view>

namespace purser {

// For digests: two ways out are one identity only where all of it is equal.
FieldList& add_egress(FieldList& fields, const Egress& egress);

// A way out that is kept is sealed: the URL of a proxy may hold a password.
[[nodiscard]] std::string seal_egress(const SealingKey& key, const Egress& egress);
// The errors of SealedFields::open().
[[nodiscard]] Result<Egress> open_egress(const SealingKey& key, std::string_view sealed);

} // namespace purser
