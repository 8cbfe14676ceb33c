#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace purser::cli {

// Says on standard error that something takes a while, with the seconds so far, where that is a
// terminal. It appears only after a moment and is erased when this ends, so that what is printed
// then stands alone. Elsewhere it does nothing.
class BusyLine {
public:
  // `text` is printable: "asking the registry".
  explicit BusyLine(std::string text);
  ~BusyLine();
  BusyLine(const BusyLine&) = delete;
  BusyLine& operator=(const BusyLine&) = delete;

private:
  void run();

  std::string text_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace purser::cli
