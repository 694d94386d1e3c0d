#include "packager/static_files.hpp"
#include "tests/component/packager/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace pult::packager {
namespace {

using test::TempFolder;

void put(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

constexpr auto kManifest = R"({"files": [
  {"path": "assets/main-AB.js", "type": "text/javascript; charset=utf-8", "immutable": true,
   "packed": "assets/main-AB.js.gz"},
  {"path": "index.html", "type": "text/html; charset=utf-8", "immutable": false}]})";

TEST(StaticFiles, ServesWhatTheManifestNames) {
  const TempFolder folder;
  put(folder.path() / "manifest.json", kManifest);
  put(folder.path() / "index.html", "<!doctype html>");
  put(folder.path() / "assets/main-AB.js", std::string(1000, ' '));
  put(folder.path() / "assets/main-AB.js.gz", "packed");
  put(folder.path() / "secret", "not named");
  auto files = StaticFiles::load(folder.path());
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_NE(files->find("/"), nullptr);
  EXPECT_EQ(files->find("/")->type, "text/html; charset=utf-8");
  EXPECT_EQ(files->find("/")->packed, nullptr);
  ASSERT_NE(files->find("/assets/main-AB.js"), nullptr);
  EXPECT_TRUE(files->find("/assets/main-AB.js")->immutable);
  ASSERT_NE(files->find("/assets/main-AB.js")->packed, nullptr);
  EXPECT_EQ(files->find("/assets/main-AB.js")->packed->size(), 6u);
  EXPECT_EQ(files->find("/assets/main-AB.js.gz"), nullptr);
  EXPECT_EQ(files->find("/secret"), nullptr);
  EXPECT_EQ(files->find("/manifest.json"), nullptr);
}

TEST(StaticFiles, RefusesABrokenFolder) {
  const TempFolder folder;
  EXPECT_FALSE(StaticFiles::load(folder.path()));
  put(folder.path() / "manifest.json", R"({"files": [{"path": 5}]})");
  EXPECT_FALSE(StaticFiles::load(folder.path()));
  put(folder.path() / "manifest.json", kManifest); // names files that are not there
  EXPECT_FALSE(StaticFiles::load(folder.path()));
}

} // namespace
} // namespace pult::packager
