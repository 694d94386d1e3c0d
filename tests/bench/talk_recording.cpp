// Makes a long recording out of a short one, for `./dev bench talk`: real fragments in a loop, through the recorder's
// own writer. pult-talk-recording FROM_PROGRAM_DIR FROM_SHOW TO_PROGRAM_DIR TO_SHOW SECONDS
//
// TO_SHOW is being recorded by a room; what is written lies before its first part, as if it had been on air for SECONDS
// already. Each segment of the source that is whole and has no fill is used; times are moved to the grid of an epoch an
// hour (or some) before the room's, on which segments lie alike.
#include "packager/fragment_muxer.hpp"
#include "packager/jobs/codec_of_init.hpp"
#include "packager/jobs/fragment_reader.hpp"
#include "packager/recording/recording_file.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHours = 2; // before the room's epoch
constexpr int kPicturesPerSegment = 48;

struct Source {
  const RecordedTrack* track = nullptr;
  TrackFormat format;
  std::string init_name;
  SharedBytes init;
  // By media sequence: the samples of each part, bytes copied.
  struct Sample {
    Bytes bytes;
    std::int64_t duration = 0;
    bool sync = false;
  };
  struct Part {
    int number = 0;
    bool independent = false;
    std::vector<Sample> samples;
  };
  std::map<std::int64_t, std::vector<Part>> segments;
};

Result<Bytes> read_at(int fd, std::uint64_t offset, std::size_t length) {
  Bytes bytes(length);
  if (::pread(fd, bytes.data(), length, static_cast<off_t>(offset)) != static_cast<ssize_t>(length))
    return Error{Errc::kIo, "a recording is shorter than its index"};
  return bytes;
}

Result<void> read_file_of(Source& source, const RecordedFile& file) {
  const UniqueFd fd(::open(file.media.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + file.media.string(), errno);
  if (source.init == nullptr) {
    auto init = read_at(fd.get(), 0, file.init_bytes);
    if (!init) return init.error();
    auto codec = jobs::codec_of_init(*init);
    if (!codec) return codec.error();
    const auto& description = source.track->description;
    source.format.kind = description.kind;
    source.format.extradata.assign((*codec)->extradata, (*codec)->extradata + (*codec)->extradata_size);
    source.format.width = description.width;
    source.format.height = description.height;
    source.format.timescale = description.timescale;
    if (description.kind == packet_link::TrackKind::kSound) {
      source.format.channels = 2;
      source.format.sample_rate = kSampleRate;
      source.format.language = description.language;
    }
    source.init_name = file.init_name;
    source.init = share(std::move(*init));
  }
  if (file.init_name != source.init_name) return {};
  for (const auto& part : file.parts) {
    if (!part.filled.empty()) continue;
    auto bytes = read_at(fd.get(), part.offset, part.length);
    if (!bytes) return bytes.error();
    auto samples = jobs::read_fragment(*bytes);
    if (!samples) return samples.error();
    Source::Part kept{part.number, part.independent, {}};
    for (const auto& sample : *samples) {
      const auto begin = bytes->begin() + static_cast<std::ptrdiff_t>(sample.offset);
      kept.samples.push_back(
          {Bytes(begin, begin + static_cast<std::ptrdiff_t>(sample.size)), sample.duration, sample.sync});
    }
    source.segments[part.sequence].push_back(std::move(kept));
  }
  return {};
}

// Sequences that every track has whole.
std::vector<std::int64_t> whole_segments(const std::vector<Source>& sources) {
  std::vector<std::int64_t> whole;
  for (const auto& [sequence, parts] : sources.front().segments) {
    const bool everywhere = std::all_of(sources.begin(), sources.end(), [&, at = sequence](const Source& source) {
      const auto found = source.segments.find(at);
      if (found == source.segments.end()) return false;
      std::int64_t length = 0;
      for (const auto& part : found->second)
        for (const auto& sample : part.samples)
          length += sample.duration;
      return length * 25 == std::int64_t{kPicturesPerSegment} * source.format.timescale;
    });
    if (everywhere) whole.push_back(sequence);
  }
  return whole;
}

Result<void> write_track(const Source& source, const std::vector<std::int64_t>& loop,
                         const std::filesystem::path& folder, Nanoseconds epoch, PictureIndex first,
                         std::int64_t segments) {
  RecordingTrack track(folder, source.track->description, epoch);
  track.keep_init({0, source.init_name, source.init});
  const auto scale = static_cast<std::int64_t>(source.format.timescale);
  auto muxer = FragmentMuxer::create(source.format, 1);
  if (!muxer) return muxer.error();
  auto begin = first * scale / 25;
  for (std::int64_t i = 0; i < segments; ++i) {
    const auto& parts = source.segments.at(loop[static_cast<std::size_t>(i) % loop.size()]);
    for (const auto& from : parts) {
      std::vector<MediaSample> samples;
      PublishedPart part;
      part.begin = begin;
      for (const auto& sample : from.samples) {
        samples.push_back({sample.bytes, begin, sample.duration, sample.sync});
        begin += sample.duration;
      }
      auto bytes = muxer->part(samples);
      if (!bytes) return bytes.error();
      part.sequence = i;
      part.number = from.number;
      part.independent = from.independent;
      part.first_picture =
          first + i * kPicturesPerSegment + from.number * kPicturesPerSegment / static_cast<int>(parts.size());
      part.duration = begin - part.begin;
      part.init_name = source.init_name;
      part.bytes = share(std::move(*bytes));
      if (auto done = track.append(part); !done) return done;
    }
  }
  return track.sync();
}

Result<void> run(const std::filesystem::path& from_dir, const std::string& from_show,
                 const std::filesystem::path& to_dir, const std::string& to_show, int seconds) {
  const auto from = read_recording(from_dir, from_show);
  if (!from) return from.error();
  const auto to = read_recording(to_dir, to_show);
  if (!to) return to.error();
  std::vector<Source> sources;
  for (const auto& track : from->tracks) {
    Source source;
    source.track = &track;
    for (const auto& file : track.files)
      if (auto done = read_file_of(source, file); !done) return done;
    sources.push_back(std::move(source));
  }
  const auto loop = whole_segments(sources);
  if (loop.empty()) return Error{Errc::kRefused, "the source has no whole segment without fills"};
  const auto& begun = to->tracks.front().files.front();
  const auto epoch = begun.epoch_wall - std::chrono::hours(kHours);
  const std::int64_t segments = (std::int64_t{seconds} * 25 + kPicturesPerSegment - 1) / kPicturesPerSegment;
  const auto behind = begun.parts.front().first_picture + kHours * 3600 * 25;
  for (const auto& source : sources) {
    const auto folder = to_dir / to_show / source.track->description.name;
    auto done = write_track(source, loop, folder, epoch, behind - segments * kPicturesPerSegment, segments);
    if (!done) return done;
  }
  std::printf("%lld segments, of %zu that were looped\n", static_cast<long long>(segments), loop.size());
  return {};
}

} // namespace
} // namespace pult::packager

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: pult-talk-recording FROM_PROGRAM_DIR FROM_SHOW TO_PROGRAM_DIR TO_SHOW SECONDS\n", stderr);
    return 2;
  }
  const auto done = pult::packager::run(argv[1], argv[2], argv[3], argv[4], std::atoi(argv[5]));
  if (!done) std::fprintf(stderr, "pult-talk-recording: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
