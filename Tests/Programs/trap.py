"""Listens where nothing should ever be sent, and tells of all that is.

    trap.py                      plain
    trap.py CERTIFICATE KEY      with TLS; what comes before it is agreed on is not told of

prints its port on 127.0.0.1 first, then a line for each connection that brought bytes. It ends when its standard input
does.
"""

import os
import socket
import ssl
import sys
import threading

context = None
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def listen(connection):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        data = connection.recv(65536)
    except OSError:
        return
    if data:
        print("caught", data[:200], flush=True)


def accept():
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=listen, args=(connection,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
