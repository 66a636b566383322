// What the kernel knows about this process and what it lets it have.
// Thread rule: any thread.
#pragma once

#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

// For the usual process_* metrics.
void add_process_figures(metrics_snapshot& to);

// One heap for all threads, to be asked for before they start. With glibc's default of several, what one worker frees is of no use to
// another one's next entry, and a full cache takes up to a third more than cache.max_bytes (bench/README.md). A hit allocates nothing.
void share_one_heap();

// The calling thread gives way to others: for work that no request waits for.
void step_back();

// A crash leaves no core dump, since it would hold credentials and summaries, and only root may read the memory of the process. A core
// pattern with a pipe ignores the limit of a dump's size, so the process is made undumpable as well; not in builds with a sanitizer, which
// has to look into its own process.
void forbid_core_dumps();

// Raises the soft limit of open files towards `wanted`, as far as the hard limit allows; the limit that now holds.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

}  // namespace gateway
