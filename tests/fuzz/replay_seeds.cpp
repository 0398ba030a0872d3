// SPDX-License-Identifier: Apache-2.0
//
// Feeds every file of a directory to a fuzz target, once: what ctest runs where there is no libFuzzer. Exits with 1 if
// there is nothing to feed, so that a moved directory of seeds cannot pass.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// Declared by libFuzzer's documentation, defined by each target: https://llvm.org/docs/LibFuzzer.html
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 64;
  }
  std::size_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], error)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    // Said before, so that the output of a crash ends with the name of its cause.
    std::printf("%s\n", entry.path().filename().string().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++count;
  }
  if (count == 0) {
    std::fprintf(stderr, "%s: no seeds%s%s\n", argv[1], error ? ": " : "", error ? error.message().c_str() : "");
    return 1;
  }
  std::printf("%zu seeds\n", count);
  return 0;
}
