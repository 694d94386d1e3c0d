// Threads that say in `top -H` and in a debugger what they do.
#pragma once

#include <pthread.h>
#include <string>

namespace pult::transcode {

// Of the calling thread; Linux keeps 15 bytes.
inline void name_this_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

} // namespace pult::transcode
