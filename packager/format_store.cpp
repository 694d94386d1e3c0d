#include "packager/format_store.hpp"

#include <sstream>

#include "base/file.hpp"

namespace pult::packager {

namespace {

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string slate_name(packet_link::SlateKind kind) {
  return std::string("slate-") + packet_link::name_of(kind);
}

} // namespace

Result<void> FormatStore::keep(const packet_link::Track& track, const TrackTools& tools) {
  const auto folder = folder_ / track.name / tools.init_name;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Errc::kIo, "create " + folder.string() + ": " + failed.message()};
  std::ostringstream shape;
  shape << static_cast<int>(track.kind) << ' ' << track.width << ' ' << track.height << '\n';
  for (const auto& [name, text] : {std::pair<const char*, std::string_view>{"extradata", text_of(track.extradata)},
                                   {"silence", text_of(track.silence)}})
    if (auto kept = replace_file(folder / name, text); !kept) return kept;
  if (auto kept = replace_file(folder / "shape", shape.str()); !kept) return kept;
  return replace_file(folder_ / track.name / "current", tools.init_name);
}

Result<void> FormatStore::keep_slate(const TrackTools& tools, packet_link::SlateKind kind, ByteView idr) {
  return replace_file(folder_ / tools.name / tools.init_name / slate_name(kind), text_of(idr));
}

Result<FormatStore::Format> FormatStore::load(const std::string& track, const std::string& language,
                                              std::string init_name) const {
  if (init_name.empty()) {
    auto current = read_file(folder_ / track / "current");
    if (!current) return current.error();
    init_name = *current;
  }
  const auto folder = folder_ / track / init_name;
  auto shape = read_file(folder / "shape");
  auto extradata = read_file(folder / "extradata");
  auto silence = read_file(folder / "silence");
  for (const auto* text : {&shape, &extradata, &silence})
    if (!*text) return text->error();
  packet_link::Track said;
  int kind = 0;
  if (!(std::istringstream(*shape) >> kind >> said.width >> said.height) || kind < 0 || kind > 1)
    return Error{Errc::kCorrupt, "format " + folder.string() + ": malformed"};
  said.kind = static_cast<packet_link::TrackKind>(kind);
  said.name = track;
  said.extradata = bytes_of(*extradata);
  said.silence = bytes_of(*silence);
  auto tools = make_track_tools(said, language);
  if (!tools) return tools.error();
  if ((*tools)->init_name != init_name)
    return Error{Errc::kRefused, "format " + folder.string() + ": other init section now"};
  Format format{*tools, {}};
  for (int k = 0; k < packet_link::kSlateKinds; ++k)
    if (auto idr = read_file(folder / slate_name(static_cast<packet_link::SlateKind>(k))))
      format.slates[static_cast<std::size_t>(k)] = share(bytes_of(*idr));
  return format;
}

} // namespace pult::packager
