#include "base/room_epoch.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <sstream>
#include <unistd.h>

namespace pult {
namespace {

std::optional<RoomEpoch> parse(const std::string& text) {
  std::istringstream in(text);
  RoomEpoch epoch;
  std::int64_t monotonic = 0;
  std::int64_t wall = 0;
  if (!(in >> epoch.boot_id >> monotonic >> wall)) return std::nullopt;
  epoch.monotonic = Nanoseconds(monotonic);
  epoch.wall = Nanoseconds(wall);
  return epoch;
}

// Publishes a complete file or none: link() fails when another program was first.
Result<void> publish_first(const std::filesystem::path& path, const std::string& text) {
  const auto temporary = path.string() + fmt::format(".{}", ::gettid());
  if (auto written = write_file(temporary, text); !written) return written.error();
  const int linked = ::link(temporary.c_str(), path.c_str());
  const int error = errno;
  ::unlink(temporary.c_str());
  if (linked != 0 && error != EEXIST) return errno_error("link " + path.string(), error);
  return {};
}

} // namespace

Result<std::string> read_boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  if (!text) return text.error();
  while (!text->empty() && text->back() == '\n')
    text->pop_back();
  return std::move(*text);
}

Result<RoomEpoch> RoomEpoch::open(const std::filesystem::path& run_dir) {
  auto boot_id = read_boot_id();
  if (!boot_id) return boot_id.error();
  const auto path = run_dir / "epoch";
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (auto text = read_file(path)) {
      auto epoch = parse(*text);
      if (epoch && epoch->boot_id == *boot_id) return *epoch;
      ::unlink(path.c_str());
    }
    const auto text = fmt::format("{} {} {}\n", *boot_id, monotonic_now().count(), wall_now().count());
    if (auto published = publish_first(path, text); !published) return published.error();
  }
  return Error{Errc::kIo, "read " + path.string() + ": another program keeps replacing it"};
}

} // namespace pult
