"""Run a command from a small process, and write its time and memory to a file, as JSON.

    python -I benchmarks/launching.py FILE COMMAND [ARGUMENT]...

The peak memory that the operating system reports for a process includes that of its parent when it
was started: a benchmark that holds a million tags would measure itself.
"""

import json
import os
import subprocess
import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss
    process.returncode = os.waitstatus_to_exitcode(status)
    with open(sys.argv[1], "w", encoding="utf-8") as file:  # noqa: PTH123 - loads nothing more
        json.dump(taken, file)
    sys.exit(process.returncode)
