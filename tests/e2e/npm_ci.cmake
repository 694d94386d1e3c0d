# npm ci in FOLDER unless it was done for this lock file (`./dev` keeps the same stamp).
file(SHA256 ${FOLDER}/package-lock.json hash)
string(SUBSTRING ${hash} 0 16 hash)
set(stamp ${FOLDER}/node_modules/.stamp-${hash})
if(NOT EXISTS ${stamp})
  execute_process(COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
  file(TOUCH ${stamp})
endif()
