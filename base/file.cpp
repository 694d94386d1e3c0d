#include "base/file.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pult {
namespace {

constexpr std::size_t kMaxBytes = 16u << 20;

Result<void> write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("write " + name, errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_file_synced(const std::filesystem::path& path, std::string_view text, unsigned mode, bool durable) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd) return errno_error("open " + path.string(), errno);
  if (auto written = write_all(fd.get(), text, path.string()); !written) return written;
  if (durable && ::fsync(fd.get()) != 0) return errno_error("fsync " + path.string(), errno);
  return {};
}

} // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + path.string(), errno);
  std::string text;
  char block[16384];
  while (true) {
    const auto n = ::read(fd.get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("read " + path.string(), errno);
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > kMaxBytes) return Error{Errc::kLimit, "read " + path.string() + ": larger than 16 MiB"};
  }
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  return write_file_synced(path, text, mode, false);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text, bool durable) {
  const auto temporary = path.string() + fmt::format(".{}.tmp", ::gettid());
  if (auto written = write_file_synced(temporary, text, 0600, durable); !written) return written;
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return errno_error("rename " + temporary, error);
  }
  return {};
}

} // namespace pult
