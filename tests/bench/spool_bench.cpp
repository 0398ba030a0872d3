// SPDX-License-Identifier: Apache-2.0
//
// What the spool writes and reads, beside a plain file that gets the same bytes in the same rounds with a sync after
// each: the most that a log on this disk could do. Rounds of 1 MiB and of 8 MiB. In the folder PICKET_BENCH_DIR, else
// in the temporary one: make sure that it is on a disk. `process` counts the processor's time, the rest is the disk.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "picket/batch.h"
#include "routing/spool/store.hpp"

namespace {

using namespace picket::routing;         // NOLINT(google-build-using-namespace): a program of its own
using namespace picket::routing::spool;  // NOLINT(google-build-using-namespace)

constexpr std::uint64_t kTotal = 256ULL << 20U;  // bytes of one measurement

std::filesystem::path bench_folder() {
  const char* const given = std::getenv("PICKET_BENCH_DIR");
  return (given == nullptr ? std::filesystem::temp_directory_path() : std::filesystem::path(given)) /
         "picket-spool-bench";
}

// 100 log lines of about 190 bytes.
BatchRef log_batch(Names& names) {
  picket_batch* const batch = batch_new(100, 300, 100 * 190);
  const std::string line(150, 'm');
  for (int i = 0; i < 100; ++i) {
    picket_event* const event = picket_batch_event(batch, names.intern("log"));
    event->time_ns = 1'700'000'000'000'000'000 + i;
    event->source = names.intern("host");
    picket_batch_text(batch, names.intern("message"), picket_str_of(line.data(), line.size()));
    picket_batch_int(batch, names.intern("pid"), 4'711);
    picket_batch_name(batch, names.intern("unit"), names.intern("sshd.service"));
  }
  return BatchRef::adopt(batch);
}

struct Place {
  Place() {
    std::filesystem::remove_all(bench_folder());
    std::filesystem::create_directories(bench_folder());
  }
  ~Place() { std::filesystem::remove_all(bench_folder()); }
};

std::uint64_t encoded_size(Names& names, const picket_batch& batch) {
  BatchEncoder encoder(names);
  std::string bytes;
  if (!encoder.encode(batch, nullptr, batch.event_count, bytes).ok()) std::abort();
  return bytes.size();
}

std::unique_ptr<SpoolStore> open_store(Names& names) {
  auto store = SpoolStore::open(bench_folder(), names);
  if (!store.ok()) std::abort();
  return std::move(store).value();
}

void write_batches(SpoolStore& store, const picket_batch& batch, std::uint64_t count, std::uint64_t per_round,
                   bool held) {
  std::vector<NewBatch> round;
  std::vector<std::size_t> unfit;
  std::uint64_t ordinal = store.next_ordinal();
  while (count > 0) {
    round.clear();
    for (; count > 0 && round.size() < per_round; --count) {
      round.push_back({ordinal++, &batch, nullptr, batch.event_count, held});
    }
    if (!store.write(round, unfit).ok()) std::abort();
  }
}

void spool_write(benchmark::State& state) {
  Names names;
  const BatchRef batch = log_batch(names);
  const std::uint64_t size = encoded_size(names, *batch);
  const std::uint64_t per_round = (static_cast<std::uint64_t>(state.range(0)) << 20U) / size;
  for (auto _ : state) {
    state.PauseTiming();
    const Place place;
    const auto store = open_store(names);
    state.ResumeTiming();
    write_batches(*store, *batch, kTotal / size, per_round, false);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * (kTotal / size) * size));
}

// Written, released and so forgotten, round by round: what a durable route with a quick sink does.
void spool_pass_through(benchmark::State& state) {
  Names names;
  const BatchRef batch = log_batch(names);
  const std::uint64_t size = encoded_size(names, *batch);
  const std::uint64_t per_round = (static_cast<std::uint64_t>(state.range(0)) << 20U) / size;
  for (auto _ : state) {
    state.PauseTiming();
    const Place place;
    const auto store = open_store(names);
    state.ResumeTiming();
    for (std::uint64_t done = 0; done < kTotal / size; done += per_round) {
      const std::uint64_t first = store->next_ordinal();
      write_batches(*store, *batch, per_round, per_round, true);
      for (std::uint64_t ordinal = first; ordinal < first + per_round; ++ordinal) store->release(ordinal);
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kTotal));
}

// Loaded, validated, released.
void spool_replay(benchmark::State& state) {
  Names names;
  const BatchRef batch = log_batch(names);
  const std::uint64_t size = encoded_size(names, *batch);
  for (auto _ : state) {
    state.PauseTiming();
    const Place place;
    auto store = open_store(names);
    write_batches(*store, *batch, kTotal / size, (8ULL << 20U) / size, false);
    store.reset();
    store = open_store(names);
    state.ResumeTiming();
    while (store->waiting().batches != 0) {
      const auto loaded = store->load(4ULL << 20U);
      if (!loaded.ok()) std::abort();
      for (const StoredBatch& stored : *loaded) store->release(stored.ordinal);
      if (!store->commit().ok()) std::abort();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * (kTotal / size) * size));
}

void encode(benchmark::State& state) {
  Names names;
  const BatchRef batch = log_batch(names);
  BatchEncoder encoder(names);
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    if (!encoder.encode(*batch, nullptr, batch->event_count, bytes).ok()) std::abort();
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

void decode(benchmark::State& state) {
  Names names;
  const BatchRef batch = log_batch(names);
  BatchEncoder encoder(names);
  std::string bytes;
  if (!encoder.encode(*batch, nullptr, batch->event_count, bytes).ok()) std::abort();
  for (auto _ : state) {
    if (!decode_batch(bytes, names).ok()) std::abort();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

BENCHMARK(encode);
BENCHMARK(decode);

void plain_file(benchmark::State& state) {
  const std::string round(static_cast<std::size_t>(state.range(0)) << 20U, 'r');
  for (auto _ : state) {
    state.PauseTiming();
    const Place place;
    const int file = open((bench_folder() / "plain").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    state.ResumeTiming();
    for (std::uint64_t done = 0; done < kTotal; done += round.size()) {
      if (write(file, round.data(), round.size()) != static_cast<ssize_t>(round.size()) || fdatasync(file) != 0)
        std::abort();
    }
    state.PauseTiming();
    close(file);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kTotal));
}
BENCHMARK(plain_file)->Arg(1)->Arg(8)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

BENCHMARK(spool_write)->Arg(1)->Arg(8)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(spool_pass_through)->Arg(1)->Arg(8)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(spool_replay)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
