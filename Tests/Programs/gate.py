"""A gate between clipship and a GameClips service: passes every request on, tells of it, and does as it is told.

    gate.py PORT

passes what it gets on a free port of 127.0.0.1, which it prints first, on to PORT of 127.0.0.1. It prints a line
of JSON for each answer of the service: {"event": "answered", "method", "path", "block", "status"}; block is null
where the query has no blockNum.

A line on standard input is an order, and "ok" is printed when it holds:

    hold METHOD N    the Nth answer to METHOD from now on waits for "go"; "held" is printed in place of "answered"
    keep METHOD N    it is passed on only at "go", whether its sender is still there or not; "kept" is printed first
    late METHOD N STATUS    the same, and its sender gets STATUS at once
    double METHOD N    it is passed on twice, and the second answer is given
    drop METHOD N    instead of it the connection is closed; "dropped" is printed
    refuse METHOD N STATUS    it is not passed on, and STATUS is the answer; "refused" is printed
    mislead METHOD N ADDRESS    in its answer, the service's own address is replaced by this one; "misled" is printed
    redirect METHOD N URL    it is not passed on, and the answer is 307 to there; "redirected" is printed
    lengthen METHOD N    its answer has more bytes than the service gave; "lengthened" is printed
    go               answers and requests that wait go on

It ends when its standard input does.
"""

import http.client
import json
import os
import socket
import sys
import threading
import urllib.parse

import gateway

service_port = int(sys.argv[1])
lock = threading.Lock()
orders = []
go = threading.Event()


def tell(**facts):
    with lock:
        print(json.dumps(facts), flush=True)


class Handler(gateway.Handler):
    def order(self):
        """The order that this request is the Nth of, if any."""
        with lock:
            mine = [order for order in orders if order["method"] == self.command]
            for order in mine:
                order["left"] -= 1
            return next((order for order in mine if order["left"] == 0), {"what": "answered"})

    def answer(self):
        order = self.order()
        path, _, query = self.path.partition("?")
        block = dict(urllib.parse.parse_qsl(query)).get("blockNum")
        facts = {"method": self.command, "path": path, "block": block and int(block)}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if order["what"] == "refused":
            tell(event="refused", status=order["status"], **facts)
            return self.give(order["status"], [], b"")

        if order["what"] == "redirected":
            tell(event="redirected", status=307, **facts)
            return self.give(307, [("Location", order["address"])], b"")

        if order["what"] == "late":
            tell(event="late", status=order["status"], **facts)
            threading.Thread(target=self.pass_later, args=(body, facts), daemon=True).start()
            return self.give(order["status"], [], b"")

        if order["what"] == "kept":
            tell(event="kept", status=0, **facts)
            go.wait()
        if order["what"] == "doubled":
            self.pass_on(body)
        answer, text = self.pass_on(body)
        tell(event="answered" if order["what"] == "kept" else order["what"], status=answer.status, **facts)
        if order["what"] == "dropped":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        if order["what"] == "held":
            go.wait()
        if order["what"] == "lengthened":
            text += b"x" * 1000
        if order["what"] == "misled":
            own = "http://" + self.headers["Host"]
            text = text.replace(own.encode(), order["address"].encode())
        return self.give(answer.status, answer.getheaders(), text)

    def pass_later(self, body, facts):
        go.wait()
        answer, _ = self.pass_on(body)
        tell(event="answered", status=answer.status, **facts)

    def pass_on(self, body):
        service = http.client.HTTPConnection("127.0.0.1", service_port)
        service.request(self.command, self.path, body, dict(self.headers))
        answer = service.getresponse()
        text = answer.read()
        service.close()
        return answer, text

    do_GET = do_POST = do_PUT = do_DELETE = answer


def obey():
    names = {
        "hold": "held", "keep": "kept", "late": "late", "double": "doubled", "drop": "dropped", "refuse": "refused",
        "lengthen": "lengthened", "mislead": "misled", "redirect": "redirected",
    }
    for line in sys.stdin:
        words = line.split()
        if words == ["go"]:
            go.set()
        else:
            order = {"what": names[words[0]], "method": words[1], "left": int(words[2])}
            if words[0] in ("hold", "keep", "late"):
                go.clear()
            if words[0] in ("refuse", "late"):
                order["status"] = int(words[3])
            if words[0] in ("mislead", "redirect"):
                order["address"] = words[3]
            with lock:
                orders.append(order)
        tell(event="ok")
    os._exit(0)


server = gateway.Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=obey, daemon=True).start()
server.serve_forever()
