#pragma once

#include "common/result.hpp"

#include <string>

namespace purser {

// Whether nobody but root and this user decides what runs when the program `path`, which is
// absolute, is started; blocks. True, or misconfigured with what to do: it is missing, no plain
// file or not executable; it belongs to another user, or a group or others can write it; a
// folder on the way belongs to another user, or everybody can write it (a sticky one, as /tmp
// is, is good enough: there nobody can replace what belongs to somebody else).
[[nodiscard]] Result<bool> check_program_file(const std::string& path);

} // namespace purser
