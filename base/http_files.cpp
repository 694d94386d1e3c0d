#include "base/http_files.hpp"

#include "base/http_text.hpp"
#include "base/unique_fd.hpp"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pult::http {
namespace {

using Field = beast::http::field;

constexpr int kThreads = 2;
constexpr std::size_t kWaiting = 64;
constexpr std::size_t kLongestText = 1u << 20;

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes{
    {{".html", "text/html; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".json", "application/json"},
     {".xml", "application/xml"},
     {".mp4", "video/mp4"},
     {".m4a", "audio/mp4"},
     {".jpg", "image/jpeg"},
     {".png", "image/png"},
     {".svg", "image/svg+xml"},
     {".vtt", "text/vtt; charset=utf-8"},
     {".m3u8", "application/vnd.apple.mpegurl"},
     {".ts", "video/mp2t"},
     {".txt", "text/plain; charset=utf-8"},
     {".gz", "application/gzip"},
     {".webmanifest", "application/manifest+json"}}};

struct Opened {
  std::shared_ptr<UniqueFd> fd; // null: not there
  std::uint64_t size = 0;
  std::time_t modified = 0;
  std::string etag;
};

// Beneath the folder, through no link, whatever the path says.
UniqueFd open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

bool is_hidden(std::string_view path) {
  return path.empty() || path.front() == '.' || path.front() == '/' || path.find("/.") != std::string_view::npos ||
         path.find("//") != std::string_view::npos;
}

Opened open_file(const std::filesystem::path& folder, const std::string& path) {
  const UniqueFd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root || is_hidden(path)) return {};
  auto fd = open_beneath(root.get(), path);
  struct stat about {};
  if (!fd || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
  Opened opened;
  opened.size = static_cast<std::uint64_t>(about.st_size);
  opened.modified = about.st_mtim.tv_sec;
  opened.etag = fmt::format("\"{:x}-{:x}-{:x}\"", about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size);
  opened.fd = std::make_shared<UniqueFd>(std::move(fd));
  return opened;
}

SharedBytes read_piece(int fd, std::uint64_t offset, std::size_t length) {
  Bytes bytes(length);
  for (std::size_t got = 0; got < length;) {
    const auto n = ::pread(fd, bytes.data() + got, length - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return nullptr;
    got += static_cast<std::size_t>(n);
  }
  return share(std::move(bytes));
}

Response refuse(Status status, const char* text) {
  auto response = Response::text(status, "text/plain; charset=utf-8", text);
  response.headers.emplace_back("Cache-Control", status == Status::not_found ? "public, max-age=1" : "no-store");
  return response;
}

bool is_same(const Request& request, const std::string& etag) {
  const auto header = request.headers[Field::if_none_match];
  const std::string_view asked(header.data(), header.size());
  return asked == "*" || asked.find(etag) != std::string_view::npos;
}

} // namespace

std::string_view media_type(std::string_view name) {
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

std::string content_disposition(std::string_view name) {
  std::string plain, encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool safe =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    plain += safe ? c : '_';
    encoded += safe ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return plain == name ? fmt::format("attachment; filename=\"{}\"", plain)
                       : fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, encoded);
}

struct FileServer::Shared {
  Shared(asio::io_context& context, Params p)
      : io(context), params(std::move(p)), pool(context, "http-files", kThreads, kWaiting) {}

  // When so many bytes may go: all answers share one line.
  Task<> wait_for_turn(std::size_t bytes) {
    if (params.kbps <= 0) co_return;
    const auto now = std::chrono::steady_clock::now();
    const auto turn = std::max(now, next_turn);
    next_turn = turn + std::chrono::microseconds(bytes * 8 * 1000 / static_cast<std::size_t>(params.kbps));
    if (turn <= now) co_return;
    SteadyTimer timer(io.get_executor(), turn);
    ErrorCode woken;
    co_await timer.async_wait(asio::redirect_error(use_task, woken));
  }

  asio::io_context& io;
  Params params;
  ReadPool pool;
  SteadyTimer::time_point next_turn{};
};

namespace {

// The body of one answer: read piece by piece, each when its turn has come.
template <typename SharedServer>
class FileBody : public BodySource {
 public:
  FileBody(std::shared_ptr<SharedServer> server, std::shared_ptr<UniqueFd> fd, std::uint64_t size)
      : server_(std::move(server)), fd_(std::move(fd)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  Task<SharedBytes> read(std::uint64_t offset, std::size_t length) override {
    auto turn = server_->wait_for_turn(length);
    co_await std::move(turn);
    std::function<SharedBytes()> job = [fd = fd_, offset, length] { return read_piece(fd->get(), offset, length); };
    auto reading = server_->pool.template run<SharedBytes>(std::move(job));
    auto bytes = co_await std::move(reading);
    co_return bytes ? *bytes : nullptr;
  }

 private:
  std::shared_ptr<SharedServer> server_;
  std::shared_ptr<UniqueFd> fd_;
  std::uint64_t size_;
};

} // namespace

FileServer::FileServer(asio::io_context& io, Params params)
    : shared_(std::make_shared<Shared>(io, std::move(params))) {}
FileServer::~FileServer() = default;

Task<Response> FileServer::answer(const Request& request, std::string path, std::string download) {
  const auto shared = shared_;
  std::function<Opened()> job = [folder = shared->params.root, path] { return open_file(folder, path); };
  auto opening = shared->pool.run<Opened>(std::move(job));
  const auto opened = co_await std::move(opening);
  if (!opened) co_return refuse(Status::service_unavailable, "the disk is busy\n");
  if (!opened->fd) co_return refuse(Status::not_found, "not found\n");
  Response response;
  response.headers = {{"Content-Type", std::string(media_type(path))},
                      {"Cache-Control", shared->params.caching},
                      {"ETag", opened->etag},
                      {"Last-Modified", http_date(opened->modified)},
                      {"X-Content-Type-Options", "nosniff"}};
  if (!download.empty()) response.headers.emplace_back("Content-Disposition", content_disposition(download));
  if (is_same(request, opened->etag)) {
    response.status = Status::not_modified;
    co_return response;
  }
  response.ranges = true;
  response.source = std::make_shared<FileBody<Shared>>(shared, opened->fd, opened->size);
  response.source_length = opened->size;
  co_return response;
}

Task<std::optional<std::string>> FileServer::read_text(std::string path) {
  using Text = std::optional<std::string>;
  std::function<Text()> job = [folder = shared_->params.root, path]() -> Text {
    const auto opened = open_file(folder, path);
    if (!opened.fd || opened.size > kLongestText) return std::nullopt;
    const auto bytes = read_piece(opened.fd->get(), 0, opened.size);
    if (bytes == nullptr) return std::nullopt;
    return std::string(bytes->begin(), bytes->end());
  };
  auto reading = shared_->pool.run<Text>(std::move(job));
  auto text = co_await std::move(reading);
  co_return text ? *text : std::nullopt;
}

} // namespace pult::http
