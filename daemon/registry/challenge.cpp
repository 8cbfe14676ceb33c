#include "daemon/registry/challenge.hpp"
