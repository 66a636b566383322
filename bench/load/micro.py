"""Nanoseconds per decision, as bench-core says."""

import json
import subprocess

import report
from processes import BenchError

BINARY = {"bench-core": "bench/bench-core"}


# In the order of a hit; what is not named here comes last.
MEANING = {
    "find_head_end": "the end of a request's head",
    "parse_head": "parse: that head",
    "parse_summary_request": "its target: which call, which state",
    "partition_of": "a connection's first credential: whose copies it sees",
    "authorize_again": "the same credential again",
    "lookup/1": "look up one hot key",
    "lookup/10000": "look up 10,000 keys in turn",
    "judge": "may it be served?",
    "reply": "head and body of 4 KB",
    "whole_hit/1": "all of these, one hot key",
    "whole_hit/10000": "all of these, 10,000 keys in turn",
    "ledger": "the hops of a hit, without reading the clock",
    "count_request": "a request and its hops in the metrics",
    "count_client": "its client's figures",
    "choose/0": "is it logged or recorded?",
    "choose/100": "the same, one in 100 sampled",
    "parse_traceparent": "only if the client sends a trace",
    "judge_answer": "a miss: what an upstream's answer of 4 KB means",
    "remember": "a miss: making the entry, plain and gzip",
    "redact/0": "a line or a record: without the call's name",
    "redact/1": "the same with it hashed",
    "remember_told": "into the recorder",
    "make_a_line": "a line of the log, on its own thread",
}


def bench(bench):
    program = bench.around.build / BINARY["bench-core"]
    if not program.exists():
        bench.say("bench-core is left out: libbenchmark-dev is not installed (deploy/install-deps)")
        return
    bench.say("bench-core …")
    repetitions = 1 if bench.quick else bench.rounds
    done = subprocess.run(["taskset", "--cpu-list", str(bench.wanted.cores[0]), program, "--benchmark_format=json",
                           f"--benchmark_min_time={0.01 if bench.quick else 0.2}", f"--benchmark_repetitions={repetitions}",
                           "--benchmark_enable_random_interleaving=true"], capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"bench-core: {done.stderr.strip()}")
    times = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one["run_type"] == "iteration":
            times.setdefault(one["run_name"], []).append(one["cpu_time"])
    named = [name for name in MEANING if name in times]
    rows = [["decision", "ns", "what it is"]]
    rows += [[name, report.spread(times[name], 0 if max(times[name]) > 100 else 1), MEANING.get(name, "")]
             for name in named + sorted(times.keys() - MEANING.keys())]
    print(f"\n**Micro**: CPU time of one decision, {repetitions} repetitions; median (least–most)\n")
    print(report.markdown(rows), flush=True)
