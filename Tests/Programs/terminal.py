"""Runs a program on a terminal of 100 columns and 30 lines.

    terminal.py PROGRAM ARGUMENT...

prints what it writes to the terminal, and ends as it does. What comes on standard input is typed.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    # Only when the size is set: the parent says so with a line.
    # Byte by byte, for what is typed behind it is the program's.
    while os.read(0, 1) != b"\n":
        pass
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
os.write(terminal, b"\n")
typing = [0]
while True:
    ready = select.select([terminal] + typing, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(terminal, typed)
        else:
            typing = []
    if terminal not in ready:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
