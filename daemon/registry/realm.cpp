#include "daemon/registry/realm.hpp"
