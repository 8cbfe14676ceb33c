#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser {

// Where threads that follow these rules may write: below the folders, and nowhere else. Nor may
// they execute anything, listen on TCP, or signal other processes, as far as the kernel's Landlock
// goes. What is open stays open; reading is free. A folder that is not there is left out.
class FileRules {
public:
  // The error says why there are none.
  [[nodiscard]] static Result<FileRules> make(const std::vector<std::string>& writable);

  // This thread, and all that it starts or becomes, follows them for good. False where the kernel
  // refuses, which it does without "no new privileges".
  [[nodiscard]] bool follow() const;

  // Of the kernel's interface: 1 (Linux 5.13), 2 (Debian 12's 6.1), 3 guards truncating as well,
  // 4 TCP, 5 ioctl of devices, 6 signals.
  [[nodiscard]] int version() const { return version_; }

private:
  FileRules(FileDescriptor rules, int version) : rules_(std::move(rules)), version_(version) {}

  FileDescriptor rules_;
  int version_;
};

} // namespace purser
