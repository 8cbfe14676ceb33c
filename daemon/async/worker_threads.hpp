#pragma once

#include <functional>

namespace purser {

// Every thread of every WorkerPool calls `first` before anything else. Of the process, as what it
// does to a thread is; before there is one.
void begin_worker_threads_with(std::function<void()> first);

} // namespace purser
