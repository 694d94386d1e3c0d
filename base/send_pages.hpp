// What many clients are sent, kept as pages that the kernel sends without copying them (sendfile from a sealed memfd).
//
// A buffer that is large and asked for again gets its pages at the second time; from then on each answer saves a copy
// of the whole. The pages are few and bounded: the oldest make room, for at the live edge all ask for the newest. A
// buffer without pages is sent from memory as ever. Immutable: a slow connection keeps its pages as they are, whatever
// happens to the buffer. One thread.
#pragma once

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

#include <deque>
#include <map>
#include <memory>

namespace pult::http {

class SendPages {
 public:
  static constexpr std::size_t kLeastBytes = 32u << 10; // below, a copy costs less than another system call
  static constexpr std::size_t kMostBytes = 16u << 20;  // 14 s of the default ladder
  static constexpr std::size_t kMostPages = 128;        // descriptors; fewer where a process may have few

  SendPages();

  // The pages of a buffer that is about to be sent, or null.
  [[nodiscard]] std::shared_ptr<const UniqueFd> of(const SharedBytes& bytes);
  [[nodiscard]] std::size_t held_bytes() const { return held_; }

 private:
  struct Known {
    std::weak_ptr<const Bytes> bytes; // the address may be another buffer's by now
    std::shared_ptr<const UniqueFd> pages;
    std::size_t size = 0; // of the pages
  };
  void drop(Known& known);
  void make_room(std::size_t bytes);
  void forget_gone();

  std::map<const Bytes*, Known> known_;
  std::deque<const Bytes*> oldest_; // with pages, or had them
  std::size_t most_pages_ = kMostPages;
  std::size_t held_ = 0;
  std::size_t sweep_at_ = kMostPages; // when so many are known
};

} // namespace pult::http
