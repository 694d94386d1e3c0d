// A folder in memory that goes with the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace pult::packager::test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = "/dev/shm/pult-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

} // namespace pult::packager::test
