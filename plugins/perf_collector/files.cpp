// SPDX-License-Identifier: Apache-2.0
//
// See files.hpp. Files are opened anew each time, so that one that another program replaces is read as it is now.
#include "files.hpp"

#include <optional>
#include <stdexcept>

#include "path_glob.hpp"
#include "small_file.hpp"

namespace picket::perf_collector {

namespace {

// One entry of the settings.
class FileReader {
 public:
  FileReader(const FileSettings& settings, std::size_t index, const Vocabulary& vocabulary, Faults& faults)
      : settings_(settings),
        finder_(settings.number),
        globbed_(is_glob(settings.path)),
        metric_(describe(settings, index, vocabulary)),
        file_key_(vocabulary.name("picket.file")),
        each_key_(settings.each.empty() ? picket_name{0} : vocabulary.name(settings.each)),
        faults_(faults),
        fault_(faults.add("groups.files[" + std::to_string(index) + "] \"" + settings.name + "\"")) {
    for (const auto& [key, value] : settings.attributes) {
      attributes_.emplace_back(vocabulary.name(key), vocabulary.name(value));
    }
    if (!globbed_) files_ = expand_paths(settings.path, 1);
  }

  bool due(std::int64_t time_ns) {
    const std::int64_t period = time_ns / settings_.every_ns;
    if (last_period_ == period) return false;
    last_period_ = period;
    return true;
  }

  void collect(std::int64_t monotonic_ns, std::vector<char>& text, Samples& samples) {
    if (globbed_ && (!listed_ns_ || monotonic_ns - *listed_ns_ >= kGlobEvery)) {
      files_ = expand_paths(settings_.path, kMostGlobbedFiles);
      listed_ns_ = monotonic_ns;
    }
    problem_.clear();
    if (files_.empty()) problem_ = "no file matches " + settings_.path;
    bool vanished = files_.empty();
    for (const GlobbedPath& file : files_) vanished = !read(file, text, samples) || vanished;
    if (files_.size() == kMostGlobbedFiles) note("more than 200 files match " + settings_.path + "; narrow it", {});
    problem_.empty() ? faults_.good(fault_) : faults_.bad(fault_, problem_);
    if (vanished) listed_ns_.reset();  // look again at the next reading
  }

 private:
  static picket_name describe(const FileSettings& settings, std::size_t index, const Vocabulary& vocabulary) {
    const std::string help = "Number from " + settings.path;
    const picket_name metric =
        vocabulary.metric({settings.name, settings.unit, settings.instrument, settings.decimals, help});
    if (metric != 0 && vocabulary.unit(metric) != settings.unit) {
      throw std::runtime_error("groups.files[" + std::to_string(index) + "].name: \"" + settings.name +
                               "\" is a metric with the unit \"" + std::string(vocabulary.unit(metric)) +
                               "\" already; choose another name, or that unit");
    }
    return metric;
  }

  void note(std::string_view what, std::string_view path) {
    if (problem_.empty()) problem_ = (path.empty() ? "" : std::string(path) + ": ") + std::string(what);
  }

  // False if it could not be read.
  bool read(const GlobbedPath& file, std::vector<char>& text, Samples& samples) {
    const std::ptrdiff_t got = read_once(file.path.c_str(), text.data(), text.size());
    if (got < 0) {
      note(last_read_error(), file.path);
      return false;
    }
    std::size_t told = 0;
    const std::string problem =
        finder_.find({text.data(), static_cast<std::size_t>(got)}, [&](const FoundNumber& number) {
          if (++told <= kMostFileValues) add(number, file, samples);
        });
    if (!problem.empty()) note(problem, file.path);
    if (told > kMostFileValues)
      note("more than 1,000 numbers; the others are left out: narrow the expression", file.path);
    return true;
  }

  void add(const FoundNumber& number, const GlobbedPath& file, Samples& samples) const {
    number.whole&& settings_.scale == 1 ? samples.add(metric_, number.integer)
                                        : samples.add(metric_, number.real * settings_.scale);
    for (const auto& [key, value] : attributes_) samples.set(key, value);
    if (globbed_) samples.set_text(file_key_, file.label);
    if (each_key_ != 0) samples.set_text(each_key_, number.label);
  }

  FileSettings settings_;
  NumberFinder finder_;
  bool globbed_;
  picket_name metric_, file_key_, each_key_;
  Faults& faults_;
  Faults::Slot fault_;
  std::vector<std::pair<picket_name, picket_name>> attributes_;
  std::vector<GlobbedPath> files_;
  std::optional<std::int64_t> listed_ns_;
  std::optional<std::int64_t> last_period_;
  std::string problem_;
};

class FilesGroup final : public Group {
 public:
  FilesGroup(const FilesSettings& settings, const Vocabulary& vocabulary) : text_(kMostFileText) {
    for (const FileSettings& file : settings.files) {
      readers_.push_back(std::make_unique<FileReader>(file, readers_.size(), vocabulary, faults_));
    }
  }

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    for (const auto& reader : readers_) {
      if (reader->due(samples.time_ns())) reader->collect(monotonic_ns, text_, samples);
    }
  }

 private:
  std::vector<char> text_;
  std::vector<std::unique_ptr<FileReader>> readers_;
};

}  // namespace

std::unique_ptr<Group> make_files(const FilesSettings& settings, const Vocabulary& vocabulary) {
  return std::make_unique<FilesGroup>(settings, vocabulary);
}

}  // namespace picket::perf_collector
