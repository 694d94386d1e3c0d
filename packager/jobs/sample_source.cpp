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

constexpr std::uint32_t kLarge = 32 << 10; // a smaller part is read faster than a thread begins

// A part's bytes, if they are those that were recorded.
Result<Bytes> read_part(int fd, const PlannedPart& planned, Bytes into) {
  const auto path = planned.file->media.string();
  into.resize(planned.part->length);
  if (auto done = read_at(fd, into.data(), into.size(), planned.part->offset, path); !done) return done.error();
  if (checksum_of(into) != planned.part->crc)
    return Error{Errc::kCorrupt,
                 path + ": a part at byte " + std::to_string(planned.part->offset) + " is not what was recorded"};
  return into;
}

} // namespace

// Read-ahead is over when a file is closed: it was taken, or is of the file that is opened.
Result<int> SampleSource::open(const std::filesystem::path& media) {
  if (const auto known = files_.find(media); known != files_.end()) return known->second.get();
  if (files_.size() > 2) files_.clear(); // an hour is left behind
  UniqueFd fd(::open(media.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + media.string(), errno);
  return (files_[media] = std::move(fd)).get();
}

void SampleSource::read_ahead() {
  if (done() || next_part().part->length < kLarge) return;
  const auto fd = open(next_part().file->media);
  if (!fd) return; // told when its turn has come
  ahead_ = std::async(std::launch::async, read_part, *fd, next_part(), std::move(spare_));
}

Result<std::vector<TalkSample>> SampleSource::take_part() {
  const auto& planned = plan_->parts[next_++];
  auto got = Result<Bytes>(Bytes());
  if (ahead_.valid()) {
    got = ahead_.get();
  } else {
    const auto fd = open(planned.file->media);
    if (!fd) return fd.error();
    got = read_part(*fd, planned, std::move(spare_));
  }
  if (!got) return got.error();
  spare_ = std::exchange(bytes_, std::move(*got));
  read_ahead();
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
