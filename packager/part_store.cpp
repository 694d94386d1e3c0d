#include "packager/part_store.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "packager/filled_runs.hpp"

namespace pult::packager {

namespace {

constexpr int kIndexVersion = 2;
constexpr const char* kNothingFilled = "-";

enum PartFlag : unsigned { kLast = 1, kIndependent = 2 };
enum StateFlag : unsigned { kStarted = 1, kFilling = 2, kLastIdr = 4, kLastReference = 8 };

Result<void> write_all(int fd, ByteView bytes, const char* what) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(what, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

ByteView view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

unsigned part_flags(const PublishedPart& part) {
  return (part.last_of_segment ? kLast : 0U) | (part.independent ? kIndependent : 0U);
}

unsigned state_flags(const RungState& state) {
  return (state.started ? kStarted : 0U) | (state.filling ? kFilling : 0U) | (state.last.idr ? kLastIdr : 0U) |
         (state.last.reference ? kLastReference : 0U);
}

// What one line says, with where its bytes lie.
struct Line {
  KeptPart part;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

std::optional<Line> parse_part(const std::string& text) {
  std::istringstream in(text);
  std::string word;
  Line line;
  PublishedPart& part = line.part.part;
  RungState& state = line.part.state;
  unsigned flags = 0;
  unsigned states = 0;
  int slate = -1;
  std::int64_t usual = 0;
  in >> word >> part.number >> part.first_picture >> line.offset >> line.length >> part.begin >> part.duration >> flags;
  in >> states >> state.run >> state.last.frame_num >> state.last.idr_pic_id >> state.last.poc_lsb;
  in >> state.filling_since >> slate >> usual >> line.part.idr.offset >> line.part.idr.length;
  std::string filled;
  in >> filled;
  const auto runs = filled == kNothingFilled ? std::optional(std::vector<FilledRun>{}) : filled_runs_of(filled);
  if (!runs || in.fail() || !(in >> std::ws).eof() || word != "part" || slate >= packet_link::kSlateKinds)
    return std::nullopt;
  part.last_of_segment = (flags & kLast) != 0;
  part.independent = (flags & kIndependent) != 0;
  part.filled = *runs;
  state.started = (states & kStarted) != 0;
  state.filling = (states & kFilling) != 0;
  state.last.idr = (states & kLastIdr) != 0;
  state.last.reference = (states & kLastReference) != 0;
  if (slate >= 0) state.slate = static_cast<SlateKind>(slate);
  line.part.usual = std::chrono::microseconds(usual);
  return line;
}

// The first line of a segment: what all its parts share.
std::optional<KeptPart> parse_segment(const std::string& text) {
  std::istringstream in(text);
  std::string word;
  int version = 0;
  int discontinuity = 0;
  KeptPart shared;
  in >> word >> version >> shared.part.sequence >> shared.part.init_name >> discontinuity >> shared.span.first >>
      shared.span.first_sequence;
  if (in.fail() || !(in >> std::ws).eof() || word != "segment" || version != kIndexVersion) return std::nullopt;
  shared.part.discontinuity_before = discontinuity != 0;
  return shared;
}

struct ReadIndex {
  KeptPart shared;
  std::vector<Line> lines;
  std::uint64_t index_bytes = 0; // of the whole lines that hold
  std::uint64_t media_bytes = 0; // that they speak of
};

// Whole lines only, each beginning where the one before ended and lying within the media that is there.
std::optional<ReadIndex> read_index(const std::string& text, std::uint64_t media_size) {
  std::size_t end = text.find('\n');
  if (end == std::string::npos) return std::nullopt;
  auto shared = parse_segment(text.substr(0, end));
  if (!shared) return std::nullopt;
  ReadIndex read{std::move(*shared), {}, end + 1, 0};
  for (std::size_t begin = end + 1; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    auto line = parse_part(text.substr(begin, end - begin));
    const bool holds = line && line->offset == read.media_bytes && line->length <= media_size - line->offset &&
                       line->part.part.number == static_cast<int>(read.lines.size());
    if (!holds) break;
    read.media_bytes += line->length;
    read.index_bytes = end + 1;
    read.lines.push_back(std::move(*line));
  }
  return read;
}

Result<Bytes> read_bytes(const std::filesystem::path& path, std::uint64_t size) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + path.string(), errno);
  Bytes bytes(size);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto count = ::pread(fd.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read " + path.string(), errno);
    if (count == 0) return Error{Errc::kCorrupt, "read " + path.string() + ": shorter than its index says"};
    at += static_cast<std::size_t>(count);
  }
  return bytes;
}

Result<void> cut(const std::filesystem::path& path, std::uint64_t size) {
  if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) return errno_error("cut " + path.string(), errno);
  return {};
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : size;
}

UniqueFd open_append(const std::filesystem::path& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

} // namespace

std::string segment_line(const KeptPart& first) {
  return fmt::format("segment {} {} {} {} {} {}\n", kIndexVersion, first.part.sequence, first.part.init_name,
                     first.part.discontinuity_before ? 1 : 0, first.span.first, first.span.first_sequence);
}

std::string index_line(const KeptPart& kept, std::uint64_t offset) {
  const PublishedPart& part = kept.part;
  const RungState& state = kept.state;
  return fmt::format("part {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", part.number, part.first_picture,
                     offset, part.bytes->size(), part.begin, part.duration, part_flags(part), state_flags(state),
                     state.run, state.last.frame_num, state.last.idr_pic_id, state.last.poc_lsb, state.filling_since,
                     state.slate ? static_cast<int>(*state.slate) : -1,
                     std::chrono::duration_cast<std::chrono::microseconds>(kept.usual).count(), kept.idr.offset,
                     kept.idr.length, part.filled.empty() ? kNothingFilled : text_of(part.filled));
}

Result<TrackStore> TrackStore::open(const std::filesystem::path& folder, int keep_segments) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Errc::kIo, "create " + folder.string() + ": " + failed.message()};
  return TrackStore(folder, keep_segments);
}

std::filesystem::path TrackStore::media_path(std::int64_t sequence) const {
  return folder_ / fmt::format("{}.m4s", sequence);
}

std::filesystem::path TrackStore::index_path(std::int64_t sequence) const {
  return folder_ / fmt::format("{}.idx", sequence);
}

std::vector<std::int64_t> TrackStore::sequences() const {
  std::vector<std::int64_t> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    if (entry.path().extension() != ".idx" && entry.path().extension() != ".m4s") continue;
    const std::string stem = entry.path().stem().string();
    std::int64_t sequence = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), sequence);
    if (error == std::errc() && end == stem.data() + stem.size()) found.push_back(sequence);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void TrackStore::remove(std::int64_t sequence) {
  ::unlink(index_path(sequence).c_str()); // first: an index never speaks of media that is gone
  ::unlink(media_path(sequence).c_str());
}

Result<std::vector<KeptPart>> TrackStore::load_segment(std::int64_t sequence) {
  auto text = read_file(index_path(sequence));
  auto read = text ? read_index(*text, size_of(media_path(sequence))) : std::nullopt;
  if (!read || read->shared.part.sequence != sequence || read->lines.empty()) {
    remove(sequence); // killed before the first part was published
    return std::vector<KeptPart>{};
  }
  if (auto done = cut(index_path(sequence), read->index_bytes); !done) return done.error();
  if (auto done = cut(media_path(sequence), read->media_bytes); !done) return done.error();
  auto bytes = read_bytes(media_path(sequence), read->media_bytes);
  if (!bytes) return bytes.error();
  std::vector<KeptPart> parts;
  for (Line& line : read->lines) {
    KeptPart& kept = parts.emplace_back(std::move(line.part));
    kept.span = read->shared.span;
    kept.part.sequence = sequence;
    kept.part.init_name = read->shared.part.init_name;
    kept.part.discontinuity_before = read->shared.part.discontinuity_before && kept.part.number == 0;
    const auto begin = bytes->begin() + static_cast<std::ptrdiff_t>(line.offset);
    kept.part.bytes = share(Bytes(begin, begin + static_cast<std::ptrdiff_t>(line.length)));
    if (kept.idr.length != 0) kept.idr.offset -= std::min(kept.idr.offset, line.offset); // now within the part
  }
  return parts;
}

Result<std::vector<KeptPart>> TrackStore::load() {
  std::vector<KeptPart> all;
  for (const std::int64_t sequence : sequences()) {
    auto parts = load_segment(sequence);
    if (!parts) return parts.error();
    if (parts->empty()) continue;
    const bool follows = !all.empty() && all.back().part.sequence + 1 == sequence && all.back().part.last_of_segment;
    if (!follows) all.clear();
    all.insert(all.end(), std::make_move_iterator(parts->begin()), std::make_move_iterator(parts->end()));
  }
  if (all.empty()) return all;
  sequence_ = all.back().part.sequence;
  media_ = open_append(media_path(*sequence_));
  index_ = open_append(index_path(*sequence_));
  media_size_ = size_of(media_path(*sequence_));
  if (!media_ || !index_) return errno_error("open " + media_path(*sequence_).string(), errno);
  return all;
}

SharedBytes TrackStore::last_idr(const std::vector<KeptPart>& kept) {
  for (auto part = kept.rbegin(); part != kept.rend(); ++part) {
    const auto& [offset, length] = part->idr;
    if (length == 0) continue;
    const Bytes& bytes = *part->part.bytes;
    if (offset > bytes.size() || length > bytes.size() - offset) return nullptr;
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    return share(Bytes(begin, begin + static_cast<std::ptrdiff_t>(length)));
  }
  return nullptr;
}

Result<void> TrackStore::open_segment(const KeptPart& first) {
  sequence_ = first.part.sequence;
  media_ = open_append(media_path(*sequence_));
  index_ = open_append(index_path(*sequence_));
  media_size_ = 0;
  if (!media_ || !index_) return errno_error("open " + media_path(*sequence_).string(), errno);
  for (const std::int64_t old : sequences())
    if (old <= *sequence_ - keep_segments_) remove(old);
  return write_all(index_.get(), view(segment_line(first)), "write the index of a segment");
}

Result<void> TrackStore::append(const KeptPart& kept, IdrPlace idr_in_part) {
  if (sequence_ != kept.part.sequence) {
    if (auto opened = open_segment(kept); !opened) return opened;
  }
  const std::uint64_t offset = media_size_;
  if (auto written = write_all(media_.get(), *kept.part.bytes, "write a live part"); !written) {
    (void)::ftruncate(media_.get(), static_cast<off_t>(offset)); // memory full: leave no half behind
    return written;
  }
  media_size_ += kept.part.bytes->size();
  KeptPart line = kept;
  line.idr = idr_in_part;
  if (line.idr.length != 0) line.idr.offset += offset;
  return write_all(index_.get(), view(index_line(line, offset)), "write the index of a segment");
}

} // namespace pult::packager
