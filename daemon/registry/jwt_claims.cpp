#include "daemon/registry/jwt_claims.hpp"
