#pragma once

namespace purser {

// Wipes what calls that have returned left on the stack of this thread: libraries gather a
// request there before they send it.
void wipe_left_on_stack() noexcept;

} // namespace purser
