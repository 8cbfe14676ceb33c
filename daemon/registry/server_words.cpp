#include "daemon/registry/server_words.hpp"
