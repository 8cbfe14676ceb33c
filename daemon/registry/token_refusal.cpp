#include "daemon/registry/token_refusal.hpp"
