#include "packager/jobs/file_sink.hpp"

#include <fcntl.h>
#include <functional>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

constexpr int kBufferBytes = 64 << 10;          // boxes; samples go around it
constexpr std::int64_t kWriteBehind = 32 << 20; // so much of the file is new when the disk is told to begin

} // namespace

Result<std::unique_ptr<FileSink>> FileSink::create(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return errno_error("create " + file.string(), errno);
  std::unique_ptr<FileSink> sink(new FileSink(std::move(fd), file));
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  if (buffer == nullptr) return Error{Errc::kLimit, "out of memory"};
  sink->io_.reset(avio_alloc_context(buffer, kBufferBytes, 1, sink.get(), nullptr, &FileSink::write, &FileSink::seek));
  if (sink->io_ == nullptr) {
    av_free(buffer);
    return Error{Errc::kLimit, "out of memory"};
  }
  sink->io_->direct = 1; // samples come as they lie, not by way of the buffer
  return sink;
}

Result<void> FileSink::take_back() {
  const int code = write_pending();
  lent_ = {};
  if (code < 0) return av_error("write " + name_, code);
  if (at_ - told_to_ >= kWriteBehind) {
    (void)::sync_file_range(file_.get(), told_to_, at_ - told_to_, SYNC_FILE_RANGE_WRITE);
    told_to_ = at_;
  }
  return {};
}

Result<void> FileSink::sync() {
  avio_flush(io_.get());
  if (const int code = write_pending(); code < 0) return av_error("write " + name_, code);
  if (io_->error < 0) return av_error("write " + name_, io_->error);
  if (::fsync(file_.get()) != 0) return errno_error("sync " + name_, errno);
  return {};
}

bool FileSink::is_lent(ByteView bytes) const {
  const std::less_equal<> not_behind; // of pointers into whatever
  return !lent_.empty() && not_behind(lent_.data(), bytes.data()) &&
         not_behind(bytes.data() + bytes.size(), lent_.data() + lent_.size());
}

int FileSink::write(void* opaque, std::uint8_t* data, int size) {
  auto& sink = *static_cast<FileSink*>(opaque);
  const ByteView bytes(data, static_cast<std::size_t>(size));
  const bool lent = sink.is_lent(bytes);
  if (lent && sink.pending_.data() + sink.pending_.size() == data) {
    sink.pending_ = {sink.pending_.data(), sink.pending_.size() + bytes.size()};
  } else {
    int code = sink.write_pending();
    if (code == 0 && !lent) code = sink.write_at(bytes, sink.at_);
    if (code < 0) return code;
    if (lent) sink.pending_ = bytes;
  }
  sink.at_ += size;
  return size;
}

int FileSink::write_pending() {
  const auto bytes = std::exchange(pending_, {});
  return write_at(bytes, at_ - static_cast<std::int64_t>(bytes.size()));
}

int FileSink::write_at(ByteView bytes, std::int64_t at) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(file_.get(), bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return AVERROR(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += written;
  }
  return 0;
}

std::int64_t FileSink::seek(void* opaque, std::int64_t offset, int whence) {
  auto& sink = *static_cast<FileSink*>(opaque);
  if ((whence & ~AVSEEK_FORCE) != SEEK_SET)
    return AVERROR(EINVAL); // libavformat wants nothing else of a file it writes
  if (const int code = sink.write_pending(); code < 0) return code;
  sink.at_ = offset;
  return offset;
}

} // namespace pult::packager::jobs
