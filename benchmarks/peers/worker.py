"""The peers' side of the benchmarks, with the same requests and answers as dubkit-bench.

    worker.py FAMILY SPEC           answers check, run and memory on standard input
    worker.py FAMILY SPEC FOLDER    creates the files that both sides read, and prints facts about the work
"""
import importlib
import json
import resource
import sys


def main():
    family, spec = importlib.import_module(sys.argv[1]), json.loads(sys.argv[2])
    if len(sys.argv) > 3:
        print(json.dumps(family.prepare(spec, sys.argv[3])))
        return
    workload = family.Workload(spec)
    for request in map(str.strip, sys.stdin):
        if request == "check":
            answer = {"values": {name: [float(x) for x in values] for name, values in workload.check().items()}}
        elif request == "run":
            answer = {"seconds": workload.run()}
        elif request == "memory":
            of = getattr(workload, "memory_of", resource.RUSAGE_SELF)
            answer = {"peak_rss_mib": resource.getrusage(of).ru_maxrss / 1024}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":  # Processes of a DataLoader import this file.
    main()
