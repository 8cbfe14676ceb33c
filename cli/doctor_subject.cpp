#include "cli/doctor_subject.hpp"

#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

std::size_t colon_of_actions(std::string_view text)
{
  const auto slash = text.rfind('/');
  const auto colon = text.rfind(':');
  if (slash == std::string_view::npos || colon == std::string_view::npos || colon < slash)
    return std::string_view::npos;
  const bool port = text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return port ? std::string_view::npos : colon;
}

} // namespace

DoctorSubject::DoctorSubject(std::optional<std::string> asked) : asked_(std::move(asked))
{
  if (asked_) end_ = colon_of_actions(*asked_);
}

std::optional<std::string> DoctorSubject::registry() const
{
  if (!asked_) return std::nullopt;
  return asked_->substr(0, end_);
}

} // namespace purser::cli
