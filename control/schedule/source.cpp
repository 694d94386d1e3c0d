#include "control/schedule/source.hpp"

#include "control/plain_text.hpp"
#include "control/schedule/limits.hpp"

#include <boost/asio/post.hpp>
#include <curl/curl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <pthread.h>
#include <sys/stat.h>

namespace pult::control {
namespace {

constexpr long kSeconds = 20;
constexpr long kRedirects = 5;
constexpr auto kIdle = std::chrono::hours(1); // close() wakes the pop

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

struct Transfer {
  std::string body, etag, modified;
  bool too_large = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* into) {
  auto& transfer = *static_cast<Transfer*>(into);
  if (transfer.body.size() + size * count > schedule_limits::kBytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* into) {
  auto& transfer = *static_cast<Transfer*>(into);
  std::string_view line(data, size * count);
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.remove_suffix(1);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) transfer.etag.clear(), transfer.modified.clear(); // of a redirect
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  for (auto& c : name)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto value = line.substr(colon + 1);
  while (value.starts_with(' '))
    value.remove_prefix(1);
  if (name == "etag" && value.size() < 500) transfer.etag = value;
  if (name == "last-modified" && value.size() < 100) transfer.modified = value;
  return size * count;
}

Result<std::string> read_whole(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return errno_error("schedule " + path, errno);
  if (!S_ISREG(about.st_mode)) return Error{Errc::kInvalidArgument, "schedule " + path + " is no file"};
  if (static_cast<std::size_t>(about.st_size) > schedule_limits::kBytes)
    return Error{Errc::kLimit, fmt::format("schedule {}: {} MB; {} at most", path, about.st_size >> 20,
                                           schedule_limits::kBytes >> 20)};
  std::ifstream in(path, std::ios::binary);
  if (!in) return errno_error("schedule " + path, errno);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

} // namespace

bool ScheduleSource::is_address(const std::string& source) {
  return source.starts_with("http://") || source.starts_with("https://");
}

ScheduleSource::ScheduleSource(asio::io_context& io) : io_(io) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  thread_ = std::jthread([this] {
    ::pthread_setname_np(::pthread_self(), "schedule");
    run();
  });
}

ScheduleSource::~ScheduleSource() {
  *alive_ = false;
  orders_.close();
}

bool ScheduleSource::fetch(const std::string& source, bool only_new, Fetched fetched) {
  return orders_.push({source, only_new, std::move(fetched)});
}

void ScheduleSource::run() {
  for (;;) {
    auto order = orders_.pop_for(kIdle);
    if (!order && orders_.closed()) return;
    if (!order) continue;
    auto got = get(*order);
    asio::post(io_, [alive = alive_, fetched = std::move(order->fetched), got = std::move(got)]() mutable {
      if (*alive) fetched(std::move(got));
    });
  }
}

Result<std::optional<std::string>> ScheduleSource::get(const Order& order) {
  if (is_address(order.source)) return download(order);
  auto text = read_whole(order.source);
  if (!text) return text.error();
  auto& before = read_[order.source];
  if (order.only_new && before == *text) return std::optional<std::string>();
  before = *text;
  return std::optional(std::move(*text));
}

Result<std::optional<std::string>> ScheduleSource::download(const Order& order) {
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  if (curl == nullptr) return Error{Errc::kLibrary, "libcurl does not start"};
  Transfer transfer;
  auto& seen = seen_[order.source];
  HeaderList headers;
  const auto add = [&](const std::string& line) { headers.reset(curl_slist_append(headers.release(), line.c_str())); };
  if (order.only_new && !seen.etag.empty()) add("If-None-Match: " + seen.etag);
  if (order.only_new && !seen.modified.empty()) add("If-Modified-Since: " + seen.modified);
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, order.source.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, kRedirects);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "pult");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why);
  const auto done = curl_easy_perform(curl.get());
  if (transfer.too_large)
    return Error{Errc::kLimit, fmt::format("{}: more than {} MB", order.source, schedule_limits::kBytes >> 20)};
  if (done != CURLE_OK)
    return Error{Errc::kUnavailable,
                 fmt::format("{}: {}", order.source, *why != '\0' ? why : curl_easy_strerror(done))};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 304) return std::optional<std::string>();
  if (status != 200) return Error{Errc::kUnavailable, fmt::format("{} answers {}", order.source, status)};
  seen = {transfer.etag, transfer.modified};
  return std::optional(std::move(transfer.body));
}

} // namespace pult::control
