"""A web server that behaves well or badly, as the path says, for tests of the HTTP client.

It listens on a free port of 127.0.0.1, prints that port, and ends when its standard input does.
With --tls CERTIFICATE KEY it speaks TLS; with --client-ca FILE behind that, only to who shows a certificate of that
authority.
"""

import gzip
import hashlib
import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

counts = {}
counts_lock = threading.Lock()
counts_change = threading.Condition(counts_lock)


class Closed(Exception):
    """The connection is to be closed now."""


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.closes_at_next = False
        with counts_lock:
            counts["connections"] = counts.get("connections", 0) + 1
            counts_change.notify_all()

    def serve(self):
        try:
            while True:
                self.request()
        except (Closed, OSError):
            pass
        finally:
            try:
                self.sock.close()
            except OSError:
                pass

    def fill(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise Closed
        self.buffer += data

    def request(self):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        self.headers = {name.lower(): value for name, value in self.fields}
        self.length = int(self.headers.get("content-length", "0"))
        path, _, query = self.target.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        parts = path.strip("/").split("/")
        with counts_lock:
            counts[path] = counts.get(path, 0) + 1
        if self.closes_at_next:
            raise Closed
        getattr(self, "on_" + parts[0].replace("-", "_"), self.on_unknown)(*parts[1:])

    def body(self):
        digest = hashlib.sha256()
        left = self.length
        while left > 0:
            if not self.buffer:
                self.fill()
            piece, self.buffer = self.buffer[:left], self.buffer[left:]
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest()

    def discard(self, count):
        """Reads and forgets, quickly."""
        count -= len(self.buffer)
        self.buffer = b""
        room = bytearray(1 << 20)
        while count > 0:
            n = self.sock.recv_into(room, min(count, len(room)))
            if n == 0:
                raise Closed
            count -= n

    def answer(self, status=200, body=b"", headers=()):
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.sock.sendall(head + (b"" if self.method == "HEAD" else body))

    def answer_json(self, value):
        self.answer(200, json.dumps(value).encode(), [("Content-Type", "application/json")])

    # Behaviours.

    def on_unknown(self, *_):
        self.body()
        self.answer(404)

    def on_echo(self, *_):
        digest = self.body()
        self.answer_json({"method": self.method, "target": self.target, "fields": self.fields,
                          "length": self.length, "sha256": digest})

    def on_status(self, status):
        self.body()
        self.answer(int(status), b"", list(self.query.items()))

    def on_sink(self):
        self.discard(self.length)
        self.answer_json({"length": self.length})

    def on_connections(self):
        """How many there have been."""
        with counts_lock:
            self.answer_json(counts["connections"])

    def on_gather(self, count):
        """From now on, HEAD of / is answered when there have been so many connections."""
        with counts_lock:
            counts["gather"] = int(count) + counts["connections"]
        self.answer()

    def on_(self):
        if self.method == "HEAD":
            with counts_lock:
                counts_change.wait_for(lambda: counts["connections"] >= counts.get("gather", 0), timeout=60)
        self.on_unknown()

    def on_count(self, *parts):
        with counts_lock:
            self.answer_json(counts.get("/" + "/".join(parts), 0))

    def on_last(self):
        """A good answer, but the next request on this connection gets none."""
        self.body()
        self.closes_at_next = True
        self.answer()

    def on_close_before_answer(self, *_):
        self.body()
        raise Closed

    def on_reset(self, *_):
        self.body()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Closed

    def on_close_in_body(self):
        while len(self.buffer) < 1000:
            self.fill()
        raise Closed

    def on_refuse_early(self):
        """An answer before the body was read, then the end."""
        self.answer(413, b"too large", [("Connection", "close")])
        time.sleep(0.2)
        raise Closed

    def on_never_answer(self, *_):
        self.body()
        self.wait_for_end()

    def on_stop_reading(self):
        threading.Event().wait(float(self.query["seconds"]))
        raise Closed

    def wait_for_end(self):
        while True:
            self.fill()

    def on_stall_in_answer(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.wait_for_end()

    def on_drip(self):
        """A byte of the answer every 100 ms."""
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
        for byte in b"drip by drip":
            time.sleep(0.1)
            self.sock.sendall(bytes([byte]))

    def on_drip_head(self):
        """The same of its head."""
        self.sock.sendall(b"HTTP/1.1 200 OK\r\n")
        for byte in b"X-Drip: drip\r\nContent-Length: 0\r\n\r\n":
            time.sleep(0.1)
            self.sock.sendall(bytes([byte]))

    def on_truncated(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntoo little")
        raise Closed

    def on_bad_header(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nno colon in this line\r\nContent-Length: 0\r\n\r\n")

    def on_lengths(self, *lengths):
        """"ok" with a Content-Length line for each part of the path."""
        lines = [f"Content-Length: {urllib.parse.unquote(length)}" for length in lengths]
        self.sock.sendall(("\r\n".join(["HTTP/1.1 200 OK"] + lines) + "\r\n\r\nok").encode())
        raise Closed

    def on_not_http(self):
        self.sock.sendall(b"220 mail.example.com ESMTP\r\n")
        raise Closed

    def on_long_head(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            self.sock.sendall(f"X-{number}: {'x' * 90}\r\n".encode())
        self.sock.sendall(b"Content-Length: 0\r\n\r\n")

    def on_early_hints(self):
        self.sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
        self.answer(200, b"after the hints", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    def on_zeros(self, count):
        self.answer(200, bytes(int(count)))

    def on_zipped(self, *parts):
        """A text, compressed for who asks for it; with "bomb" it is 64 MiB of zeros."""
        text = bytes(64 << 20) if "bomb" in parts else b"compressed on its way " * 100
        if "gzip" not in self.headers.get("accept-encoding", ""):
            self.answer(200, text)
            return
        self.answer(200, gzip.compress(text), [("Content-Encoding", "gzip")])

    def on_chunked(self):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"one ", b"two ", b"three"):
            self.sock.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.sock.sendall(b"0\r\n\r\n")


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    context = None
    if sys.argv[1:2] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    if sys.argv[4:5] == ["--client-ca"]:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(sys.argv[5])
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=start, args=(sock,), daemon=True).start()

    def start(sock):
        try:
            if context:
                sock = context.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        Connection(sock).serve()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


main()
