// What the organiser's browser gets besides the API: the page, and the talks' files to watch and download.
//
// The page is for anybody (it shows nothing without a session); of the files only drafts, public talks and the recorded
// fragments are reached, by who has the role "organise". Read by the file server's own threads. One thread, the io
// thread.
#pragma once

#include "base/http_files.hpp"

namespace pult::control {

class OrganiserFiles {
 public:
  OrganiserFiles(asio::io_context& io, const std::filesystem::path& data_dir);

  [[nodiscard]] static bool is_page(std::string_view path);  // "/organiser/…" that is no media
  [[nodiscard]] static bool is_media(std::string_view path); // "/organiser/media/…"
  [[nodiscard]] Task<http::Response> page(const http::Request& request);
  // The caller has seen to it that the asker may.
  [[nodiscard]] Task<http::Response> media(const http::Request& request);

 private:
  http::FileServer page_, media_;
};

} // namespace pult::control
