#!/usr/bin/env python3
"""Runs a command; prints the sum of the peaks of resident memory of it and all its descendants, and its own, in MB.

The kernel keeps each process's peak (VmHWM), so looking at them now and then misses only processes that live for less
than a moment. Pages that several processes share are counted in each.
"""

import os
import subprocess
import sys
import time


def children(pid):
    """Of all its threads: whichever started a process is its parent there."""
    found = set()
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found.update(int(word) for word in file.read().split())
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def descendants(pid):
    for child in children(pid):
        yield child
        yield from descendants(child)


def peak(pid):
    """Kilobytes; 0 for a process that is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def main():
    command = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    peaks = {}
    while command.poll() is None:
        for pid in [command.pid, *descendants(command.pid)]:
            peaks[pid] = max(peaks.get(pid, 0), peak(pid))
        time.sleep(0.05)
    if command.returncode != 0:
        sys.exit(f"bench: {sys.argv[1]} ended with {command.returncode}")
    print(f"{sum(peaks.values()) / 1024:.1f} {peaks[command.pid] / 1024:.1f}")


main()
