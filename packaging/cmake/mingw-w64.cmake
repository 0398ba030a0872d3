# Toolchain for 64-bit Windows 10 and later: mingw-w64 with POSIX threads (std::thread needs them). Used by the preset
# `windows` and by packaging/windows/dependencies, which builds the outside libraries into the prefix below.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_VERSION 10.0)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_MC_COMPILER x86_64-w64-mingw32-windmc)

get_filename_component(PICKET_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
if(DEFINED ENV{PICKET_WINDOWS_DEPS})
  set(PICKET_WINDOWS_DEPS $ENV{PICKET_WINDOWS_DEPS})
else()
  set(PICKET_WINDOWS_DEPS ${PICKET_ROOT}/build/windows-deps)
endif()

# Libraries and headers from the prefix and from mingw only, never from this machine; programs from this machine only.
set(CMAKE_FIND_ROOT_PATH ${PICKET_WINDOWS_DEPS} /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Every program of ours is static, so that it needs no DLL of mingw's beside it, also the ones that CMake tries out.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")

set(CMAKE_CROSSCOMPILING_EMULATOR ${PICKET_ROOT}/packaging/windows/run-under-wine)
