#include "base/heartbeat.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pult {

Result<Heartbeat> Heartbeat::open(const RunDir& run_dir, std::string_view program) {
  const auto path = run_dir.path() / "programs" / (std::string(program) + ".beat");
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ::ftruncate(fd.get(), sizeof(Cell)) != 0) return errno_error("open " + path.string(), errno);
  void* mapped = ::mmap(nullptr, sizeof(Cell), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return errno_error("map " + path.string(), errno);
  return Heartbeat(static_cast<Cell*>(mapped));
}

Heartbeat::~Heartbeat() {
  if (cell_ != nullptr) ::munmap(cell_, sizeof(Cell));
}

void Heartbeat::beat() {
  cell_->store(monotonic_now().count(), std::memory_order_release);
}

Nanoseconds Heartbeat::last() const {
  return Nanoseconds(cell_->load(std::memory_order_acquire));
}

} // namespace pult
