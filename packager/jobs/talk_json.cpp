#include "packager/jobs/talk_json.hpp"

#include "base/unique_fd.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

namespace json = boost::json;

constexpr std::size_t kReadAtOnce = 1 << 20;

double seconds(Nanoseconds time) {
  return std::round(std::chrono::duration<double>(time).count() * 1000) / 1000;
}

double rounded(double value) {
  return std::round(value * 10) / 10;
}

json::array gaps_json(const std::vector<Gap>& gaps) {
  json::array list;
  for (const auto& gap : gaps)
    list.push_back({{"kind", gap.kind == Gap::Kind::kMissing ? "missing" : "filled"},
                    {"begin", seconds(gap.begin)},
                    {"end", seconds(gap.end)}});
  return list;
}

json::object file_json(const TalkFileFacts& file) {
  const auto length = std::lround(std::chrono::duration<double>(file.facts.length).count());
  json::object one{{"filename", file.name},
                   {"download", file.download_name},
                   {"mime_type", file.mime_type},
                   {"folder", ""},
                   {"bytes", file.facts.bytes},
                   {"size", (file.facts.bytes + (1u << 19)) >> 20}, // MiB, as voctoweb
                   {"length", length},
                   {"language", file.language},
                   {"sha256", file.sha256},
                   {"high_quality", file.facts.width > 0}};
  if (file.facts.width > 0) {
    one["width"] = file.facts.width;
    one["height"] = file.facts.height;
  }
  return one;
}

json::array chapters_json(const Talk& talk) {
  json::array list;
  for (const auto& chapter : talk.chapters)
    list.push_back({{"at", seconds(chapter.at - talk.marks.in)}, {"title", chapter.title}});
  return list;
}

json::object loudness_json(const SoundFacts& sound) {
  return {{"integrated_lufs", sound.integrated_lufs ? json::value(rounded(*sound.integrated_lufs)) : json::value()},
          {"range_lu", rounded(sound.range_lu)},
          {"true_peak_dbtp", sound.true_peak_dbtp ? json::value(rounded(*sound.true_peak_dbtp)) : json::value()}};
}

struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

} // namespace

json::object talk_json(const Talk& talk, const ArchiveFolders& archive, const TalkFacts& facts) {
  auto out = talk.all;
  for (const auto* internal : {"edited", "state", "consent", "scene"})
    out.erase(internal);
  json::array persons;
  for (const auto& speaker : talk.speakers)
    persons.emplace_back(speaker);
  json::array files;
  for (const auto& file : facts.files)
    files.push_back(file_json(file));
  out["persons"] = std::move(persons);
  out["event"] = archive.event;
  out["room"] = archive.room;
  out["original_language"] = talk.language;
  out["tags"] = json::array{archive.acronym, talk.id};
  out["licence"] = archive.licence;
  out["duration"] = std::lround(std::chrono::duration<double>(facts.length).count());
  out["length"] = seconds(facts.length);
  out["poster"] = "poster.jpg";
  out["poster_filename"] = "poster.jpg";
  out["thumb_filename"] = "contact.jpg";
  out["chapters"] = chapters_json(talk);
  out["gaps"] = gaps_json(facts.gaps);
  out["loudness"] = loudness_json(facts.sound);
  out["recordings"] = std::move(files);
  return out;
}

json::object waveform_json(const SoundFacts& sound, const Sheet& thumbs) {
  json::array peaks;
  for (const auto peak : sound.peaks)
    peaks.emplace_back(peak);
  return {{"step", seconds(sound.step)},
          {"peaks", std::move(peaks)},
          {"thumbs",
           {{"file", "thumbs.jpg"},
            {"columns", thumbs.columns},
            {"rows", thumbs.rows},
            {"width", thumbs.width},
            {"height", thumbs.height},
            {"every", seconds(thumbs.every)}}}};
}

Result<std::string> sha256_of(const std::filesystem::path& file, const Progress& progress) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open " + file.string(), errno);
  std::error_code unknown;
  const auto whole = static_cast<double>(std::max<std::uintmax_t>(1, std::filesystem::file_size(file, unknown)));
  const std::unique_ptr<EVP_MD_CTX, DigestDeleter> digest(EVP_MD_CTX_new());
  if (digest == nullptr || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
    return Error{Errc::kLibrary, "no SHA-256"};
  std::vector<unsigned char> bytes(kReadAtOnce);
  for (std::uint64_t done = 0;;) {
    const auto got = ::read(fd.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read " + file.string(), errno);
    if (got == 0) break;
    EVP_DigestUpdate(digest.get(), bytes.data(), static_cast<std::size_t>(got));
    done += static_cast<std::uint64_t>(got);
    if (!progress(static_cast<double>(done) / whole)) return Error{Errc::kUnavailable, "stopped"};
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  EVP_DigestFinal_ex(digest.get(), hash.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i)
    hex += fmt::format("{:02x}", hash[i]);
  return hex;
}

} // namespace pult::packager::jobs
