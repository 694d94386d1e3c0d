// The file that libavformat's muxer writes into, so that a talk's gigabytes are copied once.
//
// libavformat would collect all in a small buffer. Of bytes that are lent, the sink keeps only where they lie, and
// writes what follows each other there in one call: a recorded part's samples do. The disk is told to begin early, so
// that the sync at the end has little left. Blocking; one thread.
#pragma once

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"
#include "packager/av_raii.hpp"

#include <filesystem>

namespace pult::packager::jobs {

class FileSink {
 public:
  // Creates the file, or empties it.
  static Result<std::unique_ptr<FileSink>> create(const std::filesystem::path& file);
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  ~FileSink() = default;

  [[nodiscard]] AVIOContext* io() { return io_.get(); }
  // What the muxer is given next lies in here, and stays as it is until take_back().
  void lend(ByteView bytes) { lent_ = bytes; }
  Result<void> take_back();
  // All is on disk when this returns.
  Result<void> sync();

 private:
  FileSink(UniqueFd file, const std::filesystem::path& path) : file_(std::move(file)), name_(path.string()) {}
  static int write(void* sink, std::uint8_t* data, int size);
  static std::int64_t seek(void* sink, std::int64_t offset, int whence);
  [[nodiscard]] bool is_lent(ByteView bytes) const;
  int write_at(ByteView bytes, std::int64_t at); // 0, or AVERROR
  int write_pending();

  UniqueFd file_;
  std::string name_;
  AvIoPtr io_;
  ByteView lent_;
  ByteView pending_;         // of what is lent; not written yet
  std::int64_t at_ = 0;      // where the next byte belongs, behind what is pending
  std::int64_t told_to_ = 0; // the disk was told to write so far
};

} // namespace pult::packager::jobs
