#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "daemon/store/byte_sink.hpp"
#include "daemon/store/private_file.hpp"

#include <string>
#include <string_view>

namespace purser {

// A folder of ours, and files that are replaced in it as a whole. All of it blocks.
//
// A reader sees the old or the new contents, never a part; so does everybody after a
// crash of the machine. Names are those of files in the folder, without `/`.
class PrivateFolder {
public:
  // Makes missing folders on the way, mode 0700. Refuses (misconfigured) a folder of
  // another owner and one that others may write to. The path may lead through links.
  [[nodiscard]] static Result<PrivateFolder> open(std::string path);

  // Success means that the new contents survive a crash. After every error but a failed
  // flush of the folder itself the file is what it was. Only for who holds a lock on the
  // file: what lies at `NAME.new` is taken for the rest of a crash. Gives the stamp and
  // holds the file open, see FileStamp; without its bytes.
  [[nodiscard]] Result<PrivateFile> replace(const std::string& name, std::string_view bytes) const;
  // The same with what a source gives, which is written as it comes. An error of the source's
  // is one of writing.
  [[nodiscard]] Result<PrivateFile> replace(const std::string& name,
                                            const ByteSource& source) const;

  // False where the file exists already, whatever is in it. Of many that create the same
  // file at once, one gets true, and the file is whole as soon as it is there.
  [[nodiscard]] Result<bool> create(const std::string& name, std::string_view bytes) const;

  // Removes a file, or renames it, over another that has the new name. What is not there is no
  // error. Success survives a crash.
  [[nodiscard]] Result<> remove(const std::string& name) const;
  [[nodiscard]] Result<> rename(const std::string& from, const std::string& to) const;

  // For opening files beside those that are replaced, such as a lock.
  [[nodiscard]] int number() const noexcept { return folder_.number(); }
  [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + "/" + name; }

private:
  PrivateFolder(std::string path, FileDescriptor folder);

  [[nodiscard]] Result<FileDescriptor> write_new(const std::string& name,
                                                 const ByteSource& source) const;
  // True where `from` became `to`, false where `to` exists.
  [[nodiscard]] Result<bool> rename_unless_there(const std::string& from,
                                                 const std::string& to) const;
  [[nodiscard]] Result<> flush() const;

  std::string path_;
  FileDescriptor folder_;
};

} // namespace purser
