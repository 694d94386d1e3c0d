// Files over HTTP: right bytes whatever is asked, and never a byte from outside of the folder.
#include "base/http_files.hpp"

#include "base/file.hpp"
#include "tests/support/http_client.hpp"

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace pult::http {
namespace {

using test::Answer;
using test::Client;
using testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class HttpFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/pult-files-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
    fs::create_directories(root() / "talk");
    ASSERT_TRUE(write_file(top_ / "secret.txt", "not for you"));
    ASSERT_TRUE(write_file(root() / "talk/video.mp4", body_, 0644));
    ASSERT_TRUE(write_file(root() / "talk/.hidden", "x", 0644));
    ASSERT_TRUE(write_file(root() / "empty.txt", "", 0644));
    fs::create_symlink(top_ / "secret.txt", root() / "link.txt");
    fs::create_directory_symlink(top_, root() / "up");
    open(0);
  }
  void TearDown() override {
    close();
    fs::remove_all(top_);
  }
  void open(int kbps) {
    files_ = std::make_unique<FileServer>(io_, FileServer::Params{root(), "no-cache", kbps});
    auto listening = listen_tcp({"127.0.0.1", 0});
    server_ = std::move(*Server::serve(io_, std::move(*listening), [this](const Request& request) {
      return files_->answer(request, request.path.substr(1), request.query);
    }));
    thread_ = std::thread([this] { io_.run(); });
  }
  void close() {
    asio::post(io_, [this] { server_->stop(1s); });
    thread_.join();
    server_.reset();
    files_.reset();
    io_.restart();
  }
  [[nodiscard]] fs::path root() const { return top_ / "public"; }
  Answer get(const std::string& target, const std::string& more = "", const std::string& method = "GET") {
    auto client = Client::tcp(server_->port());
    EXPECT_TRUE(
        client.send(fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n", method, target, more)));
    return client.receive(method == "HEAD");
  }

  fs::path top_;
  std::string body_ = [] {
    std::string text(700'000, 'a');
    for (std::size_t i = 0; i < text.size(); ++i)
      text[i] = static_cast<char>('a' + i * 7 % 26);
    return text;
  }();
  asio::io_context io_{1};
  std::unique_ptr<FileServer> files_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(HttpFiles, AFileComesWholeWithItsTypeAndValidators) {
  const auto answer = get("/talk/video.mp4");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body == body_);
  EXPECT_EQ(answer.header("content-type"), "video/mp4");
  EXPECT_FALSE(answer.header("etag").empty());
  EXPECT_FALSE(answer.header("last-modified").empty());
  EXPECT_EQ(get("/talk/video.mp4", "If-None-Match: " + answer.header("etag") + "\r\n").status, 304);
  EXPECT_EQ(get("/empty.txt").status, 200);
  const auto head = get("/talk/video.mp4", "", "HEAD");
  EXPECT_EQ(head.header("content-length"), "700000");
  EXPECT_TRUE(head.body.empty());
}

TEST_F(HttpFiles, RangesAndBrokenOffDownloadsGiveTheRightBytes) {
  const auto part = get("/talk/video.mp4", "Range: bytes=299990-300009\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.header("content-range"), "bytes 299990-300009/700000");
  EXPECT_EQ(part.body, body_.substr(299990, 20));
  EXPECT_EQ(get("/talk/video.mp4", "Range: bytes=-5\r\n").body, body_.substr(body_.size() - 5));
  EXPECT_EQ(get("/talk/video.mp4", "Range: bytes=800000-\r\n").status, 416);
  {
    auto client = Client::tcp(server_->port()); // takes a little, and goes
    ASSERT_TRUE(client.send("GET /talk/video.mp4 HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  const auto etag = get("/talk/video.mp4").header("etag");
  const auto rest = get("/talk/video.mp4", "Range: bytes=100000-\r\nIf-Range: " + etag + "\r\n");
  EXPECT_EQ(rest.status, 206);
  EXPECT_TRUE(rest.body == body_.substr(100000));
  const auto other = get("/talk/video.mp4", "Range: bytes=100000-\r\nIf-Range: \"another\"\r\n");
  EXPECT_EQ(other.status, 200) << "of another version: the whole";
}

TEST_F(HttpFiles, ADownloadHasItsName) {
  EXPECT_EQ(get("/talk/video.mp4?od26-17-deu-daten_hd.mp4").header("content-disposition"),
            "attachment; filename=\"od26-17-deu-daten_hd.mp4\"");
  EXPECT_EQ(content_disposition("B\xC3\xBC\"\r\n.mp4"),
            "attachment; filename=\"B_____.mp4\"; filename*=UTF-8''B%C3%BC%22%0D%0A.mp4");
}

// Row 31: no path in any encoding, and no link, leads outside of the folder.
TEST_F(HttpFiles, Row31NothingOutsideOfTheFolderIsEverSent) {
  for (const auto* target : {"/../secret.txt",
                             "/talk/../../secret.txt",
                             "/%2e%2e/secret.txt",
                             "/..%2fsecret.txt",
                             "/%2e%2e%2fsecret.txt",
                             "/.%2e/secret.txt",
                             "/..%5csecret.txt",
                             "/talk/%2e%2e/%2e%2e/secret.txt",
                             "/%252e%252e/secret.txt",
                             "/..%c0%afsecret.txt",
                             "/link.txt",
                             "/up/secret.txt",
                             "/up/public/talk/video.mp4",
                             "//etc/passwd",
                             "/%2fetc/passwd",
                             "/talk/.hidden",
                             "/.",
                             "/talk",
                             "/talk/",
                             "/talk/video.mp4/",
                             "/talk/video.mp4%00.jpg",
                             "/proc/self/environ",
                             "/talk//video.mp4"}) {
    const auto answer = get(target);
    EXPECT_TRUE(answer.status == 404 || answer.status == 400) << target << " " << answer.status;
    EXPECT_EQ(answer.body.find("not for you"), std::string::npos) << target;
  }
  EXPECT_EQ(get("/talk/video.mp4").status, 200);
}

TEST_F(HttpFiles, DownloadsTogetherKeepBelowTheirBound) {
  close();
  open(8 * 700); // kbit/s: 700 kB a second
  const auto begun = std::chrono::steady_clock::now();
  std::thread other([this] { EXPECT_EQ(get("/talk/video.mp4").body.size(), body_.size()); });
  EXPECT_TRUE(get("/talk/video.mp4").body == body_);
  other.join();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 1s) << "1.4 MB, of which half a second's worth may go at once";
}

} // namespace
} // namespace pult::http
