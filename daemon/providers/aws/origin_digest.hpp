#pragma once

#include "daemon/providers/aws/key_origin.hpp"
#include "daemon/providers/aws/profiles.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <string>

// What makes one source of keys another one than the next, for the digest that is its
// identity. Secrets are among it.
namespace purser::aws {

// All that a profile and its services say: an edit makes another identity.
void add_profile(FieldList& fields, const std::string& name, const Profiles& profiles);
void add_role(FieldList& fields, const RoleRequest& role);
// Of a token in a file, only the file: whom it speaks for is known when it is read.
void add_origin(FieldList& fields, const KeyOrigin& origin);

} // namespace purser::aws
