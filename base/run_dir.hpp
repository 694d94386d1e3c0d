// The room's run directory: sockets, live parts, who runs; in memory.
//
// Looked for in one order by all programs and the CLI: `run_dir` of the config; /run/pult/<room> if it exists;
// $XDG_RUNTIME_DIR/pult/<room>; /dev/shm/pult-<uid>/<room>. <room> is the config's name and a hash of its path, so two
// rooms never meet. Unix socket paths end at 107 bytes: sockets are bound and dialled by /proc/self/fd/N/<name>.
// Any thread.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pult {

class RunDir {
 public:
  // Creates the directory (mode 0700) and its folders where missing.
  static Result<RunDir> open(const std::filesystem::path& path);
  // Only where the room has run before; the CLI uses it so that asking never makes a directory.
  static Result<RunDir> open_existing(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // A path of at most 40 bytes for bind and connect; valid while this RunDir (or a copy) lives.
  [[nodiscard]] std::string socket_path(std::string_view socket_name) const;
  // False when the directory lies on a disk: `pult check` warns.
  [[nodiscard]] bool in_memory() const;

 private:
  RunDir(std::filesystem::path path, UniqueFd fd)
      : path_(std::move(path)), fd_(std::make_shared<UniqueFd>(std::move(fd))) {}
  std::filesystem::path path_;
  std::shared_ptr<UniqueFd> fd_;
};

// Where the run directory of a room lies (see above). `config_path` is made absolute. `configured` may be empty.
std::filesystem::path locate_run_dir(const std::filesystem::path& config_path, const std::filesystem::path& configured);

// Names of sockets in the run directory.
namespace socket_name {
inline constexpr std::string_view kControl = "control.sock";                // pultd's API, for the CLI
inline constexpr std::string_view kLog = "log.sock";                        // datagrams to `pult run`
inline constexpr std::string_view kTranscodeMedia = "transcode.media.sock"; // decode → transcode
inline constexpr std::string_view kPackagerMedia = "packager.media.sock";   // transcode → packager
inline constexpr std::string_view kListener =
    "packager.listener.sock";                    // gives the public listening socket back to `pult run`
std::string decode_media(std::string_view feed); // ingest → decode: "decode@cam1.media.sock"
std::string state(std::string_view program);     // pultd → program: "pult-transcode.state.sock"
} // namespace socket_name

} // namespace pult
