#pragma once

namespace purser {

// Lets this process have as many descriptors as its hard limit allows, at most 4096 as the units
// do: the usual limit of 1,024 is for programs that use select(). What it started before keeps
// the limit of before.
void raise_descriptor_limit();

} // namespace purser
