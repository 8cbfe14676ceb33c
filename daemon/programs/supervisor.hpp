#pragma once

#include "common/file_descriptor.hpp"

namespace purser {

// Runs one program and ends this process, which was forked for it.
//
// Reads a JobHead, the text of a Program and its input from `job`, a stream socket; writes an
// OutcomeHead, the output and the words, and closes. The program gets a session and process
// group of its own, its input, or /dev/null where that is empty, the variables that it was given
// and a few of this process (PATH and the like), and no other open file. Its group is killed when
// it has ended, when its time is over, when it wrote too much, and when the other end of `job` is
// closed.
[[noreturn]] void supervise(FileDescriptor job);

// What travels over the socket in front of texts; both ends are one program.
struct JobHead {
  unsigned size;               // of the text of the Program
  unsigned input;              // its size
  unsigned max_output;         // bytes; with more than these it is killed
  unsigned limit_milliseconds; // from when the text is read
};
struct OutcomeHead {
  unsigned char ending; // Ending
  int value;
  unsigned output; // its size
  unsigned words;
};

} // namespace purser
