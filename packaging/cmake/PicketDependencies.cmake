# Every outside library, in one place: who uses it, and its licence.
#
#   Boost 1.81 (BSL-1.0)        daemon: DLL, Asio            yaml-cpp (MIT)        daemon: configuration
#   spdlog, fmt (MIT)           daemon: logging              nlohmann-json (MIT)   daemon, plugins: settings
#   valijson (BSD-2)            daemon: JSON Schema          RE2 (BSD-3)           daemon: `matches`
#   CLI11 (BSD-3)               daemon: command line         SQLite (public)       perf_database
#   zstd (BSD-3)                perf_database                simdjson (Apache-2)   daemon: the step parse
#   GoogleTest, Benchmark       tests only
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(simdjson REQUIRED CONFIG)

if(WIN32)
  # packaging/windows/dependencies made the prefix: static libraries, and headers without CMake packages.
  set_property(TARGET yaml-cpp APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS YAML_CPP_STATIC_DEFINE)
  find_package(re2 REQUIRED CONFIG)
  find_library(PICKET_ZSTD_LIBRARY zstd REQUIRED)
  find_path(PICKET_ZSTD_INCLUDE zstd.h REQUIRED)
  add_library(picket_re2 INTERFACE)
  target_link_libraries(picket_re2 INTERFACE re2::re2)
  add_library(picket_zstd INTERFACE)
  target_link_libraries(picket_zstd INTERFACE ${PICKET_ZSTD_LIBRARY})
  target_include_directories(picket_zstd SYSTEM INTERFACE ${PICKET_ZSTD_INCLUDE})

  # picket_header_only(TARGET HEADER [DEFINITION...]): an imported target for headers of the prefix.
  function(picket_header_only target header)
    string(MAKE_C_IDENTIFIER "PICKET_INCLUDE_${target}" variable)
    find_path(${variable} ${header} REQUIRED)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${${variable}}" INTERFACE_COMPILE_DEFINITIONS "${ARGN}")
  endfunction()
  picket_header_only(fmt::fmt fmt/format.h FMT_HEADER_ONLY)
  picket_header_only(spdlog::spdlog spdlog/spdlog.h SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
  picket_header_only(nlohmann_json::nlohmann_json nlohmann/json.hpp)
  picket_header_only(CLI11::CLI11 CLI/CLI.hpp)
else()
  find_package(spdlog REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(CLI11 REQUIRED)
  # Debian's RE2 and zstd have no CMake packages, only pkg-config files.
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
  add_library(picket_re2 INTERFACE)
  target_link_libraries(picket_re2 INTERFACE PkgConfig::re2)
  pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
  add_library(picket_zstd INTERFACE)
  target_link_libraries(picket_zstd INTERFACE PkgConfig::zstd)
endif()

find_path(PICKET_VALIJSON_INCLUDE valijson/validator.hpp REQUIRED)
add_library(picket_valijson INTERFACE)
target_include_directories(picket_valijson SYSTEM INTERFACE ${PICKET_VALIJSON_INCLUDE})

# Boost.DLL and Asio are header-only here; std::filesystem replaces Boost.Filesystem.
add_library(picket_boost INTERFACE)
target_link_libraries(picket_boost INTERFACE Boost::headers Threads::Threads ${CMAKE_DL_LIBS})
target_compile_definitions(picket_boost INTERFACE BOOST_DLL_USE_STD_FS BOOST_ASIO_NO_DEPRECATED)
if(WIN32)
  target_link_libraries(picket_boost INTERFACE ws2_32 mswsock)
endif()
