"""Something between clipship and a GameClips service that nobody should have to live with.

    hostile-gate.py PORT

listens on a free port of 127.0.0.1, which it prints first, and passes what it gets on to PORT of 127.0.0.1. A line on standard
input is an order, and "ok" is printed when it holds:

    be KIND METHOD   answers to METHOD (of the list, the clip or the upload) are of this kind from now on; see `kinds`
    chaos SEED       each request is passed on, held a while, passed on twice, passed on late with 504 for its sender, or
                     loses its answer, by chance: so they come in another order, too
    honest           all is passed on as it is, and what was held comes now; "ok" is printed when the service has all of it

It ends when its standard input does.
"""

import gzip
import http.client
import json
import os
import random
import socket
import sys
import threading
import time
import uuid

import gateway

service_port = int(sys.argv[1])
lock = threading.Lock()
state = {"kind": None, "method": None, "random": None}
honest = threading.Event()
late = []
marker = {}


def endless(piece):
    def give(handler):
        while True:
            handler.wfile.write(piece)
    return give


def drip(piece):
    def give(handler):
        while True:
            for byte in piece:
                handler.wfile.write(bytes([byte]))
                time.sleep(1)
    return give


def page(handler, count, token, more=None):
    """A page of a list, with a token for another one."""
    clips = []
    for _ in range(count):
        clip = {"gameClipId": str(uuid.uuid4()), "state": "Published", "scid": handler.path.split("/")[4],
                "dateRecorded": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "durationInSeconds": 1}
        clip.update(more(handler) if more else {})
        clips.append(clip)
    handler.answer(200, json.dumps({"gameClips": clips, "pagingInfo": {"continuationToken": token}}).encode())


def fresh():
    return uuid.uuid4().hex


def marked(size):
    """Clips that carry the marker of the one that was asked for last, and much else."""
    return lambda handler: {"systemProperties": json.dumps({"clipship": marker.get("key", "k")}), "titleData": "x" * size}


def head(text):
    return lambda handler: handler.wfile.write(text)


def body(text, fields=()):
    return lambda handler: handler.answer(200, text, fields)


def redirect(handler):
    handler.answer(307, b"", [("Location", "http://" + handler.headers["Host"] + handler.path + "&again")])


ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
kinds = {
    "endless-head": lambda h: (head(ok)(h), endless(b"X-More: " + b"x" * 1000 + b"\r\n")(h)),
    "endless-line": lambda h: (head(ok + b"X-More: ")(h), endless(b"x" * 4096)(h)),
    "endless-interim": endless(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"),
    "endless-body": lambda h: (head(ok + b"\r\n")(h), endless(b" " * 65536)(h)),
    "endless-chunks": lambda h: (head(ok + b"Transfer-Encoding: chunked\r\n\r\n")(h), endless(b"1\r\n \r\n")(h)),
    "drip-head": lambda h: (head(ok)(h), drip(b"X-More: x\r\n")(h)),
    "drip-body": lambda h: (head(ok + b"Content-Length: 100000\r\n\r\n")(h), drip(b" ")(h)),
    "never": lambda h: honest.wait(600),
    "bomb": body(gzip.compress(b"[" * (64 << 20)), [("Content-Encoding", "gzip")]),
    "deep": body(b'{"gameClips":' + b"[" * 1_000_000),
    "many-values": body(b'{"gameClips":[' + b"{}," * 5_000_000 + b"{}]}"),
    "endless-pages": lambda h: page(h, 1000, fresh()),
    "endless-pages-of-ours": lambda h: page(h, 100, fresh(), marked(62_000)),
    "large-page": lambda h: page(h, 100, fresh(), marked(100_000)),
    "empty-pages": lambda h: page(h, 0, fresh()),
    "one-token": lambda h: page(h, 1, "the same"),
    "no-json": body(b"<html>Sign in</html>"),
    "other-shape": body(b'{"gameClips":{"a":7},"gameClip":[],"gameClipId":7,"uploadUri":{}}'),
    "nulls": body(b'{"gameClips":null,"gameClip":null,"gameClipId":null,"uploadUri":null}'),
    "nothing": body(b"{}"),
    "huge-numbers": body(b'{"gameClips":[{"gameClipId":"a","durationInSeconds":1e400,"state":"Published"}],'
                         b'"gameClip":{"gameClipId":"a","durationInSeconds":-99999999999999999999}}'),
    "other-host": body(b'{"gameClipId":"a","uploadUri":"https://192.0.2.1/a"}'),
    "other-scheme": body(b'{"gameClipId":"../../a","uploadUri":"file:///etc/passwd"}'),
    "strange-status": lambda h: h.answer(299, b"{}"),
    "two-lengths": head(ok + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"),
    "cut": head(ok + b"Content-Length: 100\r\n\r\n{\"game"),
    "no-http": head(b"220 mail.example.com ESMTP\r\n"),
    "closed": lambda h: None,
    "loop": redirect,
    "long-reason": lambda h: h.answer(400, json.dumps({"message": "x" * 5_000_000}).encode()),
    "wait-for-ever": lambda h: h.answer(503, b"", [("Retry-After", "99999999999999999999")]),
}


def passed_on(method, path, headers, body):
    service = http.client.HTTPConnection("127.0.0.1", service_port, timeout=60)
    service.request(method, path, body, headers)
    answer = service.getresponse()
    text = answer.read()
    service.close()
    return answer.status, answer.getheaders(), text


class Handler(gateway.Handler):
    def handle_request(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "POST" and b"systemProperties" in content:
            with lock:
                marker.update({"key": json.loads(json.loads(content)["systemProperties"]).get("clipship", "")})
        with lock:
            kind, method, chance = state["kind"], state["method"], state["random"]
        if kind and method == self.command:
            self.close_connection = True
            try:
                kinds[kind](self)
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            return
        if chance:
            self.by_chance(chance, content)
        else:
            self.give(*passed_on(self.command, self.path, dict(self.headers), content))

    def by_chance(self, chance, content):
        with lock:
            fate, wait = chance.random(), chance.random() * 0.2
        request = (self.command, self.path, dict(self.headers), content)
        if fate < 0.10:
            with lock:
                late.append(request)
            return self.give(504, [], b"")

        if fate < 0.30:
            time.sleep(wait)
        if 0.30 <= fate < 0.40:
            passed_on(*request)
        answer = passed_on(*request)
        if 0.40 <= fate < 0.48:
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)

        return self.give(*answer)

    def answer(self, status, text, fields=()):
        self.give(status, [("Content-Type", "application/json")] + list(fields), text)

    do_GET = do_POST = do_PUT = do_DELETE = handle_request


def obey():
    for line in sys.stdin:
        words = line.split()
        with lock:
            state.update({"kind": None, "method": None, "random": None})
            if words[0] == "be":
                state.update({"kind": words[1], "method": words[2]})
            if words[0] == "chaos":
                state["random"] = random.Random(int(words[1]))
            requests, late[:] = late[:], []
        if words[0] == "honest":
            honest.set()
        else:
            honest.clear()
        # The last come first.
        for request in reversed(requests):
            passed_on(*request)
        print("ok", flush=True)
    os._exit(0)


server = gateway.Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=obey, daemon=True).start()
server.serve_forever()
