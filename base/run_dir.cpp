#include "base/run_dir.hpp"

#include <cctype>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace pult {
namespace {

// FNV-1a: stable over programs and releases, which std::hash is not.
std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const unsigned char c : text)
    hash = (hash ^ c) * 16777619u;
  return hash;
}

std::string room_folder(const std::filesystem::path& config_path) {
  const auto absolute = std::filesystem::absolute(config_path).lexically_normal();
  std::string name;
  for (const unsigned char c : absolute.stem().string())
    if (name.size() < 32) name += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
  return fmt::format("{}-{:08x}", name, stable_hash(absolute.string()));
}

} // namespace

Result<RunDir> RunDir::open(const std::filesystem::path& path) {
  std::error_code failed;
  for (const auto* folder : {"", "programs", "state"}) {
    std::filesystem::create_directories(path / folder, failed);
    if (failed) return Error{Errc::kIo, "create " + (path / folder).string() + ": " + failed.message()};
  }
  ::chmod(path.c_str(), 0700);
  return open_existing(path);
}

Result<RunDir> RunDir::open_existing(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("open run directory " + path.string(), errno);
  return RunDir(path, std::move(fd));
}

std::string RunDir::socket_path(std::string_view socket_name) const {
  return fmt::format("/proc/self/fd/{}/{}", fd_->get(), socket_name);
}

bool RunDir::in_memory() const {
  struct statfs where {};
  if (::fstatfs(fd_->get(), &where) != 0) return false;
  return where.f_type == TMPFS_MAGIC || where.f_type == RAMFS_MAGIC;
}

std::filesystem::path locate_run_dir(const std::filesystem::path& config_path,
                                     const std::filesystem::path& configured) {
  if (!configured.empty()) return configured;
  const auto room = room_folder(config_path);
  std::error_code ignored;
  if (const auto path = std::filesystem::path("/run/pult") / room; std::filesystem::is_directory(path, ignored))
    return path;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime != 0)
    return std::filesystem::path(runtime) / "pult" / room;
  return fmt::format("/dev/shm/pult-{}/{}", ::getuid(), room);
}

namespace socket_name {

std::string decode_media(std::string_view feed) {
  return fmt::format("decode@{}.media.sock", feed);
}

std::string state(std::string_view program) {
  return fmt::format("{}.state.sock", program);
}

} // namespace socket_name
} // namespace pult
