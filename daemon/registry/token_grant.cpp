#include "daemon/registry/token_grant.hpp"
