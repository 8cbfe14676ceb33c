#include "daemon/registry/scope_set.hpp"
