#include "packager/window_store.hpp"

#include "base/file.hpp"
#include "packager/multivariant_playlist.hpp"
#include "packager/show_file.hpp"

#include <algorithm>
#include <charconv>
#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace pult::packager {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexVersion = "pult-window 1";
constexpr const char* kMedia = ".mp4";
constexpr const char* kIndex = ".index";

// Takes the text up to the next space, or ":" inside a part.
std::string_view take_word(std::string_view& text, char separator = ' ') {
  const auto end = std::min(text.find(separator), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

template <typename T>
bool parse(std::string_view word, T& value) {
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  return failed == std::errc{} && end == word.data() + word.size();
}

std::int64_t hour_of(Nanoseconds wall) {
  return std::chrono::floor<std::chrono::hours>(wall).count();
}

Result<void> write_all(int fd, std::vector<iovec> spans, const std::string& what) {
  for (std::size_t i = 0; i < spans.size();) {
    const auto n = ::writev(fd, spans.data() + i, static_cast<int>(std::min<std::size_t>(spans.size() - i, IOV_MAX)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(what, errno);
    auto rest = static_cast<std::size_t>(n);
    while (i < spans.size() && rest >= spans[i].iov_len)
      rest -= spans[i++].iov_len;
    if (rest > 0) spans[i] = {static_cast<char*>(spans[i].iov_base) + rest, spans[i].iov_len - rest};
  }
  return {};
}

iovec span_of(const void* data, std::size_t length) {
  return {const_cast<void*>(data), length};
}

UniqueFd open_new(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
}

// The segments of one file, as far as lines and bytes are whole.
std::vector<StoredSegment> read_index(const fs::path& index_path) {
  std::vector<StoredSegment> segments;
  auto text = read_file(index_path);
  if (!text) return segments;
  auto media_path = index_path;
  media_path.replace_extension(kMedia);
  const auto file = std::make_shared<const fs::path>(media_path);
  struct stat media {};
  if (::stat(media_path.c_str(), &media) != 0) return segments;
  std::string_view rest = *text;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line == kIndexVersion) continue;
    auto segment = parse_index_line(line);
    if (!segment || segment->place.offset + segment->place.length > static_cast<std::uint64_t>(media.st_size)) break;
    segment->place.file = file;
    segments.push_back(std::move(*segment));
  }
  return segments;
}

// Bytes that no disk block holds any more where the file system can do that, zeros where it cannot.
Result<void> erase_bytes(const fs::path& path, std::uint64_t begin, std::uint64_t end) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error("window: open " + path.string(), errno);
  const auto length = static_cast<off_t>(end - begin);
  if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(begin), length) != 0) {
    const std::vector<char> zeros(1 << 20);
    for (auto at = begin; at < end;) {
      const auto wrote =
          ::pwrite(fd.get(), zeros.data(), std::min<std::size_t>(zeros.size(), end - at), static_cast<off_t>(at));
      if (wrote < 0) return errno_error("window: overwrite " + path.string(), errno);
      at += static_cast<std::uint64_t>(wrote);
    }
  }
  if (::fsync(fd.get()) != 0) return errno_error("window: sync " + path.string(), errno);
  return {};
}

// Of one file: all of it when nothing stays.
Result<void> forget_in(const fs::path& index, std::int64_t first) {
  const auto segments = read_index(index);
  auto media = index;
  media.replace_extension(kMedia);
  std::string kept = std::string(kIndexVersion) + "\n";
  std::optional<std::uint64_t> begin, end;
  for (const auto& segment : segments) {
    if (segment.entry.sequence >= first) {
      kept += index_line(segment) + "\n";
      continue;
    }
    if (!begin) begin = segment.place.offset;
    end = segment.place.offset + segment.place.length;
  }
  if (!begin) return {};
  if (auto erased = erase_bytes(media, *begin, *end); !erased) return erased;
  if (segments.back().entry.sequence >= first) return replace_file(index, kept, true);
  std::error_code ignored;
  fs::remove(index, ignored);
  fs::remove(media, ignored);
  return {};
}

} // namespace

std::string index_line(const StoredSegment& segment) {
  const auto& entry = segment.entry;
  auto line = fmt::format("{} {} {} {} {} {}", entry.sequence, segment.place.offset, entry.wall.count(),
                          entry.discontinuity ? 1 : 0, entry.discontinuity_sequence, entry.init_name);
  for (std::size_t i = 0; i < entry.parts.size(); ++i)
    fmt::format_to(std::back_inserter(line), " {}:{}:{}", segment.part_bytes[i], entry.parts[i].duration,
                   entry.parts[i].independent ? 1 : 0);
  return line;
}

std::optional<StoredSegment> parse_index_line(std::string_view line) {
  StoredSegment segment;
  auto& entry = segment.entry;
  std::int64_t wall = 0;
  int discontinuity = 0;
  const bool head = parse(take_word(line), entry.sequence) && parse(take_word(line), segment.place.offset) &&
                    parse(take_word(line), wall) && parse(take_word(line), discontinuity) &&
                    parse(take_word(line), entry.discontinuity_sequence);
  entry.init_name = take_word(line);
  if (!head || entry.init_name.empty() || line.empty()) return std::nullopt;
  entry.wall = Nanoseconds(wall);
  entry.discontinuity = discontinuity != 0;
  while (!line.empty()) {
    auto word = take_word(line);
    std::size_t bytes = 0;
    PartEntry part;
    int independent = 0;
    if (!parse(take_word(word, ':'), bytes) || !parse(take_word(word, ':'), part.duration) || !parse(word, independent))
      return std::nullopt;
    part.independent = independent != 0;
    entry.parts.push_back(part);
    segment.part_bytes.push_back(bytes);
    segment.place.length += bytes;
  }
  return segment;
}

StoredTrack WindowTrack::load() {
  StoredTrack track;
  std::error_code failed;
  std::vector<fs::path> indices;
  for (const auto& file : fs::directory_iterator(folder_, failed)) {
    if (file.path().extension() == kIndex) indices.push_back(file.path());
    if (file.path().extension() != kMedia || !file.path().filename().string().starts_with("init")) continue;
    if (auto bytes = read_file(file.path())) {
      inits_[file.path().filename()] = share(Bytes(bytes->begin(), bytes->end()));
    }
  }
  std::sort(indices.begin(), indices.end()); // names are numbers of equal width
  for (const auto& index : indices) {
    auto segments = read_index(index);
    if (segments.empty()) continue;
    for (auto& segment : segments) {
      if (!track.segments.empty()) {
        const auto last = track.segments.back().entry.sequence;
        if (segment.entry.sequence <= last) continue;                   // the first to come stays
        if (segment.entry.sequence != last + 1) track.segments.clear(); // a playlist has no holes
      }
      track.segments.push_back(std::move(segment));
    }
  }
  track.inits = inits_;
  return track;
}

Result<void> WindowTrack::keep_init(const InitSection& init) {
  if (inits_.contains(init.name)) return {};
  std::error_code failed;
  fs::create_directories(folder_, failed);
  const std::string_view text(reinterpret_cast<const char*>(init.bytes->data()), init.bytes->size());
  if (auto kept = replace_file(folder_ / init.name, text, true); !kept) return kept;
  inits_[init.name] = init.bytes;
  return {};
}

bool WindowTrack::fits(const SegmentEntry& entry) const {
  return writing_ && writing_->init_name == entry.init_name && writing_->hour == hour_of(entry.wall) &&
         writing_->last + 1 == entry.sequence;
}

Result<void> WindowTrack::begin_file(const SegmentEntry& first) {
  const auto init = inits_.find(first.init_name);
  if (init == inits_.end()) return Error{Errc::kNotFound, "window: no init section " + first.init_name};
  const auto name = folder_ / fmt::format("{:012}", first.sequence);
  Writing writing;
  writing.path = std::make_shared<const fs::path>(name.string() + kMedia);
  writing.media = open_new(*writing.path);
  if (!writing.media) return errno_error("window: create " + writing.path->string(), errno);
  writing.index = open_new(name.string() + kIndex);
  if (!writing.index) return errno_error("window: create " + name.string() + kIndex, errno);
  const auto head = std::string(kIndexVersion) + "\n";
  const auto& bytes = *init->second;
  auto written = write_all(writing.media.get(), {span_of(bytes.data(), bytes.size())}, "window: write init section");
  if (written) written = write_all(writing.index.get(), {span_of(head.data(), head.size())}, "window: write index");
  if (!written) return written;
  writing.size = bytes.size();
  writing.init_name = first.init_name;
  writing.hour = hour_of(first.wall);
  writing_ = std::move(writing);
  return {};
}

Result<WindowPlace> WindowTrack::append(const SegmentEntry& entry, const std::vector<SharedBytes>& parts) {
  if (!fits(entry)) {
    writing_.reset();
    if (auto begun = begin_file(entry); !begun) return begun.error();
  }
  auto writing = std::move(*writing_);
  writing_.reset(); // after an error a new file begins: this one's tail may be torn
  StoredSegment segment{entry, {}, {writing.path, writing.size, 0}};
  std::vector<iovec> spans;
  for (const auto& part : parts) {
    spans.push_back(span_of(part->data(), part->size()));
    segment.part_bytes.push_back(part->size());
    segment.place.length += part->size();
  }
  if (auto written = write_all(writing.media.get(), spans, "window: write segment"); !written) return written.error();
  if (::fdatasync(writing.media.get()) != 0) return errno_error("window: sync segment", errno);
  const auto line = index_line(segment) + "\n";
  auto written = write_all(writing.index.get(), {span_of(line.data(), line.size())}, "window: write index");
  if (!written) return written.error();
  if (::fdatasync(writing.index.get()) != 0) return errno_error("window: sync index", errno);
  writing.size += segment.place.length;
  writing.last = entry.sequence;
  writing_ = std::move(writing);
  return segment.place;
}

void WindowTrack::prune(std::int64_t first) {
  std::error_code failed;
  std::vector<fs::path> indices;
  for (const auto& file : fs::directory_iterator(folder_, failed))
    if (file.path().extension() == kIndex) indices.push_back(file.path());
  std::sort(indices.begin(), indices.end());
  // A file ends where the next one begins; the newest one stays.
  for (std::size_t i = 0; i + 1 < indices.size(); ++i) {
    std::int64_t next_begin = 0;
    if (!parse<std::int64_t>(indices[i + 1].stem().string(), next_begin) || next_begin > first) break;
    fs::remove(indices[i], failed);
    fs::remove(indices[i].replace_extension(kMedia), failed);
  }
}

Result<void> WindowTrack::forget(std::int64_t first) {
  writing_.reset();
  std::error_code failed;
  std::vector<fs::path> indices;
  for (const auto& file : fs::directory_iterator(folder_, failed))
    if (file.path().extension() == kIndex) indices.push_back(file.path());
  for (const auto& index : indices)
    if (auto done = forget_in(index, first); !done) return done;
  return {};
}

fs::path show_folder(const fs::path& window, const std::string& show) {
  return window / uri_escaped(show);
}

fs::path track_folder(const fs::path& window, const std::string& show, const std::string& track) {
  return show_folder(window, show) / uri_escaped(track);
}

Result<void> write_show(const fs::path& window, const Show& show, std::optional<Nanoseconds> ended) {
  return write_show_file(show_folder(window, show.id), show, ended);
}

Result<StoredShow> read_show(const fs::path& folder) {
  auto known = read_show_file(folder / "show.json");
  if (!known) return Error{known.error().code, "window: " + known.error().message};
  return StoredShow{std::move(known->show), known->ended, {}};
}

} // namespace pult::packager
