#pragma once

namespace purser {

// With common/wiping_new.cpp in a program, all that C++ gives back to the heap is wiped first, and
// from this call on all that OpenSSL and pugixml give back: copies that libraries make of what
// passes through them do not lie around in freed memory. Once, at the beginning of main, before
// OpenSSL is used.
void wipe_what_libraries_free();

} // namespace purser
