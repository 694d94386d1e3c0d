// Serves the files of one folder over our HTTP server: with ranges, validators, download names, and a bound on the
// rate.
//
// A path never leaves the folder: it is resolved by the kernel (openat2: beneath, no symbolic links), and only regular
// files without a leading dot are there. Files are opened and read by a small pool of threads, in pieces, so that
// neither a slow disk nor a slow client holds up anybody. All downloads together keep below `kbps`, so that what is
// live goes first. For the io thread.
#pragma once

#include "base/http_server.hpp"
#include "base/read_pool.hpp"

#include <filesystem>

namespace pult::http {

class FileServer {
 public:
  struct Params {
    std::filesystem::path root;
    std::string caching = "no-cache"; // Cache-Control of what has no name of its own; validated by ETag
    int kbps = 0;                     // of all answers together; 0: no bound
  };
  FileServer(asio::io_context& io, Params params);
  ~FileServer();

  // `path` below the folder, decoded ("a/b.mp4"). `download`: the name to save it as; empty: shown where it is.
  // 404 when there is no such file; 503 when the disk is busy.
  [[nodiscard]] Task<Response> answer(const Request& request, std::string path, std::string download = {});
  // A small file's text; nothing when it is not there.
  [[nodiscard]] Task<std::optional<std::string>> read_text(std::string path);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_; // with the bodies that are being sent
};

// "video/mp4"; by the name's ending.
[[nodiscard]] std::string_view media_type(std::string_view name);
// RFC 6266: a name that every browser saves as it is; what is not plain goes percent-encoded.
[[nodiscard]] std::string content_disposition(std::string_view name);

} // namespace pult::http
