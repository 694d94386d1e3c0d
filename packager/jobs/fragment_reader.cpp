#include "packager/jobs/fragment_reader.hpp"

#include <optional>

namespace pult::packager::jobs {
namespace {

constexpr std::uint32_t kDataOffset = 0x1, kFirstFlags = 0x4, kDuration = 0x100, kSize = 0x200, kFlags = 0x400,
                        kComposition = 0x800; // trun, 8.8.8
constexpr std::uint32_t kBaseOffset = 0x1, kDescription = 0x2, kDefaultDuration = 0x8, kDefaultSize = 0x10,
                        kDefaultFlags = 0x20; // tfhd, 8.8.7
constexpr std::uint32_t kNonSync = 0x10000;   // sample flags, 8.8.3.1

constexpr std::uint32_t fourcc(const char (&name)[5]) {
  return static_cast<std::uint32_t>(name[0]) << 24 | static_cast<std::uint32_t>(name[1]) << 16 |
         static_cast<std::uint32_t>(name[2]) << 8 | static_cast<std::uint32_t>(name[3]);
}

Error bad(const char* what) {
  return {Errc::kCorrupt, std::string("recorded fragment: ") + what};
}

// Big-endian numbers; reading beyond the end gives zeros and is remembered.
class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t number(int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i)
      value = value << 8 | (at_ < bytes_.size() ? bytes_[at_] : 0), ++at_;
    return value;
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] bool whole() const { return at_ <= bytes_.size(); }
  [[nodiscard]] std::size_t left() const { return at_ < bytes_.size() ? bytes_.size() - at_ : 0; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

struct Box {
  std::size_t begin = 0; // of the box in what it lies in
  ByteView body;
};

// The first box of that name, by walking over the others.
std::optional<Box> find_box(ByteView in, std::uint32_t name) {
  for (std::size_t at = 0; at + 8 <= in.size();) {
    Reader head(in.subspan(at));
    const std::size_t size = head.u32();
    const auto found = head.u32();
    if (size < 8 || size > in.size() - at) return std::nullopt;
    if (found == name) return Box{at, in.subspan(at + 8, size - 8)};
    at += size;
  }
  return std::nullopt;
}

struct Defaults {
  std::uint32_t duration = 0, size = 0, flags = 0;
};

Result<Defaults> read_tfhd(ByteView body) {
  Reader in(body);
  const auto flags = in.u32() & 0xFFFFFF;
  in.u32(); // track
  if ((flags & kBaseOffset) != 0) return bad("an absolute data offset");
  if ((flags & kDescription) != 0) in.u32();
  Defaults defaults;
  if ((flags & kDefaultDuration) != 0) defaults.duration = in.u32();
  if ((flags & kDefaultSize) != 0) defaults.size = in.u32();
  if ((flags & kDefaultFlags) != 0) defaults.flags = in.u32();
  if (!in.whole()) return bad("a short tfhd");
  return defaults;
}

std::int64_t read_tfdt(ByteView body) {
  Reader in(body);
  const auto version = in.u32() >> 24;
  return static_cast<std::int64_t>(in.number(version == 1 ? 8 : 4));
}

Result<std::vector<FragmentSample>> read_trun(ByteView body, const Defaults& defaults, std::int64_t dts,
                                              std::size_t moof_begin, std::size_t fragment_size) {
  Reader in(body);
  const auto flags = in.u32() & 0xFFFFFF;
  const auto count = in.u32();
  if ((flags & kDataOffset) == 0 || (flags & kComposition) != 0) return bad("a trun of another shape");
  std::size_t offset = moof_begin + in.u32();
  std::optional<std::uint32_t> first_flags;
  if ((flags & kFirstFlags) != 0) first_flags = in.u32();
  if (count > in.left() && (flags & (kDuration | kSize | kFlags)) != 0) return bad("a short trun");
  if (count > fragment_size) return bad("more samples than bytes");
  std::vector<FragmentSample> samples;
  for (std::uint32_t i = 0; i < count; ++i) {
    FragmentSample sample{offset, defaults.size, dts, defaults.duration, false};
    auto sample_flags = i == 0 && first_flags ? *first_flags : defaults.flags;
    if ((flags & kDuration) != 0) sample.duration = in.u32();
    if ((flags & kSize) != 0) sample.size = in.u32();
    if ((flags & kFlags) != 0) sample_flags = in.u32();
    sample.sync = (sample_flags & kNonSync) == 0;
    if (!in.whole() || sample.size > fragment_size || offset > fragment_size - sample.size || sample.duration == 0)
      return bad("a sample that is not within it");
    offset += sample.size;
    dts += sample.duration;
    samples.push_back(sample);
  }
  return samples;
}

} // namespace

Result<std::vector<FragmentSample>> read_fragment(ByteView fragment) {
  const auto moof = find_box(fragment, fourcc("moof"));
  if (!moof) return bad("no moof");
  const auto traf = find_box(moof->body, fourcc("traf"));
  if (!traf) return bad("no traf");
  const auto tfhd = find_box(traf->body, fourcc("tfhd"));
  const auto tfdt = find_box(traf->body, fourcc("tfdt"));
  const auto trun = find_box(traf->body, fourcc("trun"));
  if (!tfhd || !tfdt || !trun) return bad("no tfhd, tfdt or trun");
  const auto defaults = read_tfhd(tfhd->body);
  if (!defaults) return defaults.error();
  return read_trun(trun->body, *defaults, read_tfdt(tfdt->body), moof->begin, fragment.size());
}

} // namespace pult::packager::jobs
