#include "packager/static_files.hpp"

#include "base/file.hpp"
#include "base/http_text.hpp"

#include <boost/json.hpp>

namespace pult::packager {
namespace {

Result<SharedBytes> load_bytes(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  return share(Bytes(text->begin(), text->end()));
}

Result<StaticFiles::File> load_file(const std::filesystem::path& folder, const boost::json::object& entry) {
  StaticFiles::File file;
  file.type = entry.at("type").as_string();
  file.immutable = entry.at("immutable").as_bool();
  auto plain = load_bytes(folder / std::string(entry.at("path").as_string()));
  if (!plain) return plain.error();
  file.plain = *plain;
  if (const auto* name = entry.if_contains("packed")) {
    auto packed = load_bytes(folder / std::string(name->as_string()));
    if (!packed) return packed.error();
    file.packed = *packed;
  }
  return file;
}

} // namespace

Result<StaticFiles> StaticFiles::load(const std::filesystem::path& folder) {
  auto manifest = read_file(folder / "manifest.json");
  if (!manifest) return manifest.error();
  StaticFiles files;
  try {
    const auto parsed = boost::json::parse(*manifest); // named: a loop over a temporary's member outlives it
    for (const auto& value : parsed.at("files").as_array()) {
      const auto& entry = value.as_object();
      const std::string name(entry.at("path").as_string());
      auto file = load_file(folder, entry);
      if (!file) return file.error();
      files.files_["/" + name] = std::move(*file);
    }
  } catch (const std::exception& wrong) {
    return Error{Errc::kCorrupt, (folder / "manifest.json").string() + ": " + wrong.what()};
  }
  return files;
}

const StaticFiles::File* StaticFiles::find(const std::string& path) const {
  const auto found = files_.find(path == "/" ? "/index.html" : path);
  return found != files_.end() ? &found->second : nullptr;
}

http::Response StaticFiles::answer(const File& file, const http::Request& request) const {
  http::Response response;
  const auto accepted = request.headers[boost::beast::http::field::accept_encoding];
  const bool packed = file.packed && http::names_token({accepted.data(), accepted.size()}, "gzip");
  const auto& bytes = packed ? file.packed : file.plain;
  response.headers = {{"Content-Type", file.type},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"Vary", "Accept-Encoding"},
                      {"X-Content-Type-Options", "nosniff"}};
  if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body.push_back({bytes, 0, bytes->size()});
  return response;
}

} // namespace pult::packager
