# How every target of ours is compiled. Outside libraries are never touched by these settings.
#
# The presets asan, tsan and windows, packaging/run-tests and packaging/quickstart compile a target's files twenty at a time
# (CMAKE_UNITY_BUILD): whole builds, four times as fast. So names in unnamed namespaces differ within a target, and
# GoogleTest is `::testing` where the SDK's `picket::testing` is near. The other presets compile each file by itself,
# which is faster after a change and shows a header that a file forgot.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(PICKET_SANITIZE "" CACHE STRING "Sanitizers for all of our code: empty, address,undefined or thread")
option(PICKET_COVERAGE "Instrument for gcov" OFF)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(PICKET_CCACHE ccache)
  if(PICKET_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${PICKET_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PICKET_CCACHE})
  endif()
endif()

# Link this (PRIVATE) into every target of ours.
add_library(picket_build INTERFACE)
# C has no idea of some of the warnings. Members left out of a designated initialiser are zero on purpose.
target_compile_options(picket_build INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wformat=2 -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:CXX>:-Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>)
# Clang sees old-style casts in the C headers too; GCC, which builds what is shipped, knows C from C++.
target_compile_options(picket_build INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-old-style-cast>)
if(CMAKE_UNITY_BUILD)
  # Where GCC warns of types in an unnamed namespace it takes every file but the first for a header.
  target_compile_options(picket_build INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()
if(PICKET_SANITIZE)
  target_compile_options(picket_build INTERFACE -fsanitize=${PICKET_SANITIZE} -fno-omit-frame-pointer)
  if(PICKET_SANITIZE MATCHES thread)
    # ThreadSanitizer does not see Asio's memory fences and GCC warns of each. The locks beside them are seen.
    target_compile_options(picket_build INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
  if(PICKET_SANITIZE MATCHES undefined)
    # Else undefined behaviour is a line in the output of a test that passes.
    target_compile_options(picket_build INTERFACE -fno-sanitize-recover=undefined)
  endif()
  target_link_options(picket_build INTERFACE -fsanitize=${PICKET_SANITIZE})
endif()
if(NOT WIN32 AND (CMAKE_BUILD_TYPE STREQUAL "Debug" OR PICKET_SANITIZE))
  # Each test program contains the core: with the standard linker, linking them takes as long as compiling a third.
  find_program(PICKET_MOLD mold)
  if(PICKET_MOLD)
    target_link_options(picket_build INTERFACE -fuse-ld=mold)
  endif()
endif()
if(NOT WIN32 AND CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT PICKET_SANITIZE)
  # How little memory the daemon takes is a promise: what nothing calls is not even mapped.
  target_compile_options(picket_build INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(picket_build INTERFACE LINKER:--gc-sections)
endif()
if(PICKET_COVERAGE)
  target_compile_options(picket_build INTERFACE --coverage)
  target_link_options(picket_build INTERFACE --coverage)
endif()
if(WIN32)
  target_compile_definitions(picket_build INTERFACE
    _WIN32_WINNT=0x0A00 WINVER=0x0A00 WIN32_LEAN_AND_MEAN NOMINMAX UNICODE _UNICODE)
  target_link_options(picket_build INTERFACE -static -static-libgcc -static-libstdc++)
endif()
