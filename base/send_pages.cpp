#include "base/send_pages.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pult::http {
namespace {

constexpr std::size_t kShareOfDescriptors = 16; // one in so many may be ours; the others are for connections

std::shared_ptr<const UniqueFd> pages_of(ByteView bytes) {
  UniqueFd fd(::memfd_create("pult-pages", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return nullptr;
  while (!bytes.empty()) {
    const auto written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written <= 0) return nullptr;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return nullptr;
  return std::make_shared<const UniqueFd>(std::move(fd));
}

} // namespace

SendPages::SendPages() {
  std::signal(SIGPIPE, SIG_IGN); // sendfile knows no MSG_NOSIGNAL
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    most_pages_ = std::min<std::size_t>(kMostPages, limit.rlim_cur / kShareOfDescriptors);
}

std::shared_ptr<const UniqueFd> SendPages::of(const SharedBytes& bytes) {
  if (bytes->size() < kLeastBytes || bytes->size() > kMostBytes || most_pages_ == 0) return nullptr;
  if (known_.size() >= sweep_at_) forget_gone();
  auto& known = known_[bytes.get()];
  if (known.bytes.lock() != bytes) { // new here
    drop(known);
    known.bytes = bytes;
    return nullptr;
  }
  if (known.pages != nullptr) return known.pages;
  make_room(bytes->size());
  known.pages = pages_of(*bytes);
  if (known.pages == nullptr) return nullptr;
  known.size = bytes->size();
  held_ += known.size;
  oldest_.push_back(bytes.get());
  return known.pages;
}

void SendPages::drop(Known& known) {
  held_ -= known.size;
  known.size = 0;
  known.pages.reset();
}

void SendPages::make_room(std::size_t bytes) {
  while (!oldest_.empty() && (held_ + bytes > kMostBytes || oldest_.size() >= most_pages_)) {
    if (const auto found = known_.find(oldest_.front()); found != known_.end()) drop(found->second);
    oldest_.pop_front();
  }
}

void SendPages::forget_gone() {
  for (auto& [address, known] : known_)
    if (known.bytes.expired()) drop(known);
  std::erase_if(known_, [](const auto& entry) { return entry.second.bytes.expired(); });
  std::erase_if(oldest_, [this](const Bytes* bytes) {
    const auto found = known_.find(bytes);
    return found == known_.end() || found->second.pages == nullptr;
  });
  sweep_at_ = std::max(kMostPages, known_.size() * 2);
}

} // namespace pult::http
