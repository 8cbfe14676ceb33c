#include "common/socket_path.hpp"

#include <charconv>
#include <cstring>

namespace purser {
namespace {

class Builder {
public:
  Builder& operator<<(std::string_view part)
  {
    if (part.size() > SocketPath::k_max_size - path_.size) {
      path_.problem = SocketPath::Problem::too_long;
      return *this;
    }
    std::memcpy(path_.text.data() + path_.size, part.data(), part.size());
    path_.size += part.size();
    return *this;
  }

  [[nodiscard]] SocketPath decided_by(std::string_view variable)
  {
    path_.variable = variable;
    if (path_.problem == SocketPath::Problem::none) return path_;
    SocketPath nothing; // half a path must not look like one
    nothing.problem = path_.problem;
    nothing.variable = variable;
    return nothing;
  }

private:
  SocketPath path_;
};

SocketPath problem(SocketPath::Problem what, std::string_view variable)
{
  SocketPath path;
  path.problem = what;
  path.variable = variable;
  return path;
}

bool is_absolute(std::string_view path)
{
  return path.front() == '/';
}

std::string_view without_trailing_slashes(std::string_view path)
{
  while (!path.empty() && path.back() == '/')
    path.remove_suffix(1);
  return path;
}

// The folder comes from a variable: `folder` and then our part of the path.
SocketPath below(std::string_view folder, std::string_view ours, std::string_view variable)
{
  if (!is_absolute(folder)) return problem(SocketPath::Problem::relative, variable);
  return (Builder() << without_trailing_slashes(folder) << ours).decided_by(variable);
}

} // namespace

SocketPath find_socket_path(const SocketSearch& search)
{
  if (!search.purser_socket.empty()) {
    if (!is_absolute(search.purser_socket))
      return problem(SocketPath::Problem::relative, "PURSER_SOCKET");
    return (Builder() << search.purser_socket).decided_by("PURSER_SOCKET");
  }
  if (!search.xdg_runtime_dir.empty())
    return below(search.xdg_runtime_dir, "/purser/agent.sock", "XDG_RUNTIME_DIR");
  if (search.run_user_is_ours) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), search.euid).ptr;
    const std::string_view euid(digits.data(), static_cast<std::size_t>(end - digits.data()));
    return (Builder() << "/run/user/" << euid << "/purser/agent.sock").decided_by("");
  }
  if (search.home.empty()) return problem(SocketPath::Problem::no_home, "HOME");
  return below(search.home, "/.cache/purser/run/agent.sock", "HOME");
}

} // namespace purser
