#include "packager/jobs/sample_source.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

Result<void> read_at(int fd, std::uint8_t* into, std::size_t length, std::uint64_t offset, const std::string& path) {
  for (std::size_t got = 0; got < length;) {
    const auto n = ::pread(fd, into + got, length - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("read " + path, errno);
    if (n == 0) return Error{Errc::kCorrupt, path + " ends early"};
    got += static_cast<std::size_t>(n);
  }
  return {};
}

} // namespace

Result<void> SampleSource::read(const PlannedPart& planned) {
  const auto& path = planned.file->media;
  auto& fd = files_[path];
  if (!fd) {
    if (files_.size() > 2) { // an hour is left behind
      files_.clear();
      return read(planned);
    }
    fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return errno_error("open " + path.string(), errno);
  }
  bytes_.resize(planned.part->length);
  auto done = read_at(fd.get(), bytes_.data(), bytes_.size(), planned.part->offset, path.string());
  if (!done) return done;
  if (checksum_of(bytes_) != planned.part->crc)
    return Error{Errc::kCorrupt, path.string() + ": a part at byte " + std::to_string(planned.part->offset) +
                                     " is not what was recorded"};
  return {};
}

Result<std::vector<TalkSample>> SampleSource::take_part() {
  const auto& planned = plan_->parts[next_++];
  if (auto done = read(planned); !done) return done.error();
  auto read = read_fragment(bytes_);
  if (!read) return read.error();
  std::vector<TalkSample> samples;
  samples.reserve(read->size());
  for (const auto& sample : *read)
    samples.push_back({ByteView(bytes_).subspan(sample.offset, sample.size), sample.dts + planned.shift,
                       sample.duration, sample.sync});
  return samples;
}

Result<Bytes> read_init(const RecordedFile& file) {
  const UniqueFd fd(::open(file.media.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + file.media.string(), errno);
  Bytes bytes(file.init_bytes);
  auto done = read_at(fd.get(), bytes.data(), bytes.size(), 0, file.media.string());
  if (!done) return done.error();
  return bytes;
}

} // namespace pult::packager::jobs
