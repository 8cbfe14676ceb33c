#pragma once

#include <sys/types.h>

#include <string_view>

namespace purser {

// What the user namespace that a process lives in does to user ids (user_namespaces(7)), by the
// text of its /proc/self/uid_map and /proc/sys/kernel/overflowuid.
class UserNamespace {
public:
  UserNamespace(std::string_view uid_map, std::string_view overflow_uid);
  // Ours. Where /proc does not say, no user id is mapped.
  [[nodiscard]] static UserNamespace of_this_process();

  // Whether this number is that of one user, and not what the kernel calls all who have none here.
  [[nodiscard]] bool tells_apart(uid_t user) const;
  // Whether all users have their own numbers, as outside of all user namespaces.
  [[nodiscard]] bool is_outermost() const { return outermost_; }

private:
  uid_t overflow_;
  bool overflow_is_mapped_ = false;
  bool outermost_ = false;
};

} // namespace purser
