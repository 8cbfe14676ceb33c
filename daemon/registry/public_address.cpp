#include "daemon/registry/public_address.hpp"
