#include "daemon/store/file_error.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace purser {
namespace {

Errc code_of(int reason)
{
  switch (reason) {
  case EACCES:
  case EPERM:
  case EROFS:
  case ELOOP:
  case EISDIR:
  case ENOTDIR:
  case ENOENT:
  case EEXIST:
  case ENAMETOOLONG: return Errc::misconfigured;
  default: return Errc::transient;
  }
}

} // namespace

Error file_error(std::string_view tried, std::string_view path, int reason)
{
  std::string what = "cannot ";
  what.append(tried).append(" ").append(path).append(": ");
  what += std::generic_category().message(reason);
  const Errc code = code_of(reason);
  if (code != Errc::transient) return {code, std::move(what)};
  what += reason == ENOSPC || reason == EDQUOT ? "; free some space and try again"
                                               : "; check the disk and try again";
  return with_remedy({code, std::move(what)});
}

} // namespace purser
