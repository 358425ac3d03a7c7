"""Runs a program on a terminal of 100 columns and 30 lines.

    terminal.py PROGRAM ARGUMENT...

prints what it writes to the terminal, and ends as it does.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    # Only when the size is set: the parent says so with a line.
    sys.stdin.readline()
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
os.write(terminal, b"\n")
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
