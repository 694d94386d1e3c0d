#include "control/organiser_files.hpp"

#include <algorithm>
#include <array>

namespace pult::control {
namespace {

constexpr std::string_view kPage = "/organiser";
constexpr std::string_view kMedia = "/organiser/media/";
constexpr std::array<std::string_view, 3> kOpen{"drafts/", "public/talks/", "program/"};
// Nothing from elsewhere, no frame around it, no script but ours; hls.js feeds the player by blobs.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::filesystem::path page_folder() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return program.parent_path().parent_path() / "share/pult/web/organiser";
}

} // namespace

OrganiserFiles::OrganiserFiles(asio::io_context& io, const std::filesystem::path& data_dir)
    : page_(io, {page_folder(), "no-cache", 0}), media_(io, {data_dir, "private, no-cache", 0}) {}

bool OrganiserFiles::is_media(std::string_view path) {
  return path.starts_with(kMedia);
}

bool OrganiserFiles::is_page(std::string_view path) {
  return (path == kPage || path.starts_with("/organiser/")) && !is_media(path);
}

Task<http::Response> OrganiserFiles::page(const http::Request& request) {
  if (request.path == kPage) {
    http::Response response;
    response.status = http::Status::see_other;
    response.headers = {{"Location", "/organiser/"}, {"Cache-Control", "no-store"}};
    co_return response;
  }
  auto path = request.path.substr(kPage.size() + 1);
  if (path.empty()) path = "index.html";
  auto answering = page_.answer(request, path);
  auto response = co_await std::move(answering);
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  co_return response;
}

Task<http::Response> OrganiserFiles::media(const http::Request& request) {
  const auto path = request.path.substr(kMedia.size());
  const bool open =
      std::any_of(kOpen.begin(), kOpen.end(), [&](std::string_view one) { return path.starts_with(one); });
  if (!open) co_return http::Response::text(http::Status::not_found, "text/plain; charset=utf-8", "not found\n");
  // "drafts/<slug>/video.mp4" is saved as "<slug>-video.mp4".
  std::string saved_as;
  if (request.query == "download") {
    const auto name = path.rfind('/');
    const auto folder = path.rfind('/', name - 1);
    saved_as = path.substr(folder + 1, name - folder - 1) + "-" + path.substr(name + 1);
  }
  auto answering = media_.answer(request, path, saved_as);
  auto response = co_await std::move(answering);
  co_return response;
}

} // namespace pult::control
