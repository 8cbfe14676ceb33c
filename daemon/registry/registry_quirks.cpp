#include "daemon/registry/registry_quirks.hpp"
