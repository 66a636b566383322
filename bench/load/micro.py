"""Nanoseconds per decision, as bench-core says."""

import json
import subprocess

import report
from processes import BenchError

BINARY = {"bench-core": "bench/bench-core"}


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
            times.setdefault(one["run_name"], (one.get("label", ""), []))[1].append(one["cpu_time"])
    rows = [["decision", "ns", "what it is"]] + [[name, report.spread(values, 0 if max(values) > 100 else 1), what]
                                                   for name, (what, values) in times.items()]
    print(f"\n**Micro**: CPU time of one decision, {repetitions} repetitions; median (least–most)\n")
    print(report.markdown(rows))
