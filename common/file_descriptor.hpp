#pragma once

#include <unistd.h>

#include <utility>

namespace purser {

// Owns an open file; closes it.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { close(); }

  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept
  {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
  // Gives it up: somebody else closes it.
  int release() noexcept { return std::exchange(number_, -1); }

private:
  void close() noexcept
  {
    if (is_open()) ::close(number_);
  }

  int number_ = -1;
};

} // namespace purser
