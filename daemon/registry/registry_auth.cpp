#include "daemon/registry/registry_auth.hpp"
