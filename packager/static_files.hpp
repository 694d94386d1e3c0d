// The viewer page's files, read into memory once, at the start. What is in the bundle's manifest.json is served, and
// nothing else: a path is looked up in a map, never opened. Immutable after load(); any thread.
#pragma once

#include "base/http_server.hpp"

#include <filesystem>
#include <map>

namespace pult::packager {

class StaticFiles {
 public:
  // An empty set serves nothing.
  StaticFiles() = default;
  static Result<StaticFiles> load(const std::filesystem::path& folder);

  // "/" is index.html. Null when there is no such file.
  struct File {
    std::string type;
    bool immutable = false; // its name changes with its content
    SharedBytes plain;
    SharedBytes packed; // gzip, as the build made it (packing here delayed each restart by 120 ms); may be null
  };
  [[nodiscard]] const File* find(const std::string& path) const;
  [[nodiscard]] http::Response answer(const File& file, const http::Request& request) const;

 private:
  std::map<std::string, File> files_; // "/assets/…"
};

} // namespace pult::packager
