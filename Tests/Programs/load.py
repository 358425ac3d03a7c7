#!/usr/bin/env python3
"""Uploads many small clips to `clipship serve` at once, each by a client with a connection of its own.

usage: load.py CLIPSHIP FOLDER CLIP COUNT [kill]

With `kill` the service is killed with SIGKILL when a third of the blocks are acknowledged, and started again; clients
go on where they are, and send nothing again that was acknowledged. Every clip must be published and come back to the
byte. Prints figures as JSON: seconds, the most memory in MB that the service had, and that
its workers had together, connections.
"""

import asyncio
import glob
import json
import os
import random
import signal
import socket
import sys
import time

SCID = "00000000-0000-0012-0023-000000000070"
LIMIT = 600


class Lost(Exception):
    """The connection ended without a whole answer."""


class Connection:
    """HTTP/1.1 with bodies of a known size; opened when it is needed."""

    open = 0
    most = 0

    def __init__(self, port):
        self.port, self.streams = port, None

    async def request(self, method, target, headers, body=b""):
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
                Connection.open += 1
                Connection.most = max(Connection.most, Connection.open)
            reader, writer = self.streams
            head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
            head += [f"{name}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            size = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
            return int(lines[0].split()[1]), await reader.readexactly(size)
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Lost(str(error))

    def close(self):
        if self.streams:
            Connection.open -= 1
            self.streams[1].close()
            self.streams = None


class Service:
    def __init__(self, program, folder):
        self.program, self.folder, self.process = program, folder, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.memory, self.workers, self.kills = 0, 0, 0

    async def start(self):
        with open(f"{self.folder}/errors", "ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                self.program, "serve", "--port", str(self.port), "--data", f"{self.folder}/data", "--delay", "0",
                "--quiet", stdout=asyncio.subprocess.PIPE, stderr=errors)
        line = await self.process.stdout.readline()
        assert line.startswith(b"listening on "), open(f"{self.folder}/errors").read()

    async def kill(self):
        self.note_memory()
        self.kills += 1
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self.start()

    async def stop(self):
        self.note_memory()
        self.process.terminate()
        await self.process.wait()

    def note_memory(self):
        """The peaks of the service and, together, of the workers that decode its clips, in megabytes."""
        children = [int(pid) for path in glob.glob(f"/proc/{self.process.pid}/task/*/children")
                    for pid in open(path).read().split()]
        self.memory = max(self.memory, self.peak(self.process.pid))
        self.workers = max(self.workers, sum(self.peak(pid) for pid in children))

    @staticmethod
    def peak(pid):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                return next((int(line.split()[1]) for line in file if line.startswith("VmHWM:")), 0) * 1024 / 1e6
        except OSError:
            return 0

    @property
    def token(self):
        with open(f"{self.folder}/data/tokens.json", encoding="utf-8") as file:
            return json.load(file)["tokens"][0]["token"]


class Progress:
    """Counts acknowledged blocks, and tells when it is time for the kill."""

    def __init__(self, blocks, kills):
        self.acknowledged, self.turn = 0, asyncio.Event()
        self.threshold = blocks // 3 if kills else None

    def acknowledge(self):
        self.acknowledged += 1
        if self.acknowledged == self.threshold:
            self.turn.set()


class Client:
    def __init__(self, number, service, token, clip, progress):
        self.connection = Connection(service.port)
        self.clip, self.progress, self.marker = clip, progress, f"load {number}"
        self.headers = {"Authorization": f"Xauth={token}", "Content-Type": "application/json"}
        half = len(clip) // 2
        self.blocks = [clip[:half], clip[half:]]
        self.sent_twice = 0

    async def ask(self, method, target, body=b""):
        """A call that may be made again: until there is an answer that is not for later."""
        wait = 0.05
        while True:
            try:
                status, answer = await self.connection.request(method, target, self.headers, body)
                if status not in (408, 429, 500, 502, 503, 504):
                    return status, answer
            except Lost:
                pass
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(2 * wait, 1)

    async def find(self):
        """The ids that the service has of this clip."""
        found, token = [], ""
        while token is not None:
            query = f"?maxItems=100&continuationToken={token}"
            status, answer = await self.ask("GET", f"/users/me/scids/{SCID}/clips{query}")
            assert status == 200, (status, answer)
            page = json.loads(answer)
            found += [clip["gameClipId"] for clip in page["gameClips"] if clip["systemProperties"] == self.marker]
            token = page["pagingInfo"]["continuationToken"]
        return found

    async def begin(self):
        request = {"dateRecorded": "2026-01-31T20:15:00Z", "durationInSeconds": 1, "fileSize": len(self.clip),
                   "expectedBlocks": len(self.blocks), "type": "DeveloperInitiated", "source": "TitleDirect",
                   "visibility": "Default", "systemProperties": self.marker}
        while True:
            try:
                status, answer = await self.connection.request(
                    "POST", f"/users/me/scids/{SCID}/clips", self.headers, json.dumps(request).encode())
                assert status == 200, (status, answer)
                return json.loads(answer)
            except Lost:
                # It may have come about: an id whose upload address is lost is of no use.
                for known in await self.find():
                    await self.ask("DELETE", f"/users/me/scids/{SCID}/clips/{known}")

    async def run(self):
        try:
            begun = await self.begin()
            path = "/" + begun["uploadUri"].split("/", 3)[3]
            clip = f"/users/me/scids/{SCID}/clips/{begun['gameClipId']}"
            for number in random.sample(range(len(self.blocks)), len(self.blocks)):
                target = f"{path}?blockNum={number}&uploadId={begun['gameClipId']}"
                status, answer = await self.ask("PUT", target, self.blocks[number])
                assert status in (200, 201, 202), (status, answer)
                self.progress.acknowledge()
            await self.wait_until_published(clip)
        finally:
            self.connection.close()

    async def wait_until_published(self, target):
        while True:
            status, answer = await self.ask("GET", target)
            assert status == 200, (status, answer)
            clip = json.loads(answer)["gameClip"]
            if clip["state"] == "Published":
                break
            assert clip["state"] not in ("Error", "Deleted"), answer
            await asyncio.sleep(random.uniform(0.5, 1.5))
        status, body = await self.ask("GET", "/" + clip["gameClipUris"][0]["uri"].split("/", 3)[3])
        assert status == 200 and body == self.clip, "the clip came back as something else"


async def main(program, folder, clip, count, kills):
    service = Service(program, folder)
    await service.start()
    with open(clip, "rb") as file:
        data = file.read()
    start = time.monotonic()
    progress = Progress(2 * count, kills)
    clients = [Client(number, service, service.token, data, progress) for number in range(count)]

    async def killer():
        await progress.turn.wait()
        await service.kill()

    work = [client.run() for client in clients] + ([killer()] if kills else [])
    try:
        await asyncio.wait_for(asyncio.gather(*work), LIMIT)
        seconds = time.monotonic() - start
        last = Client(-1, service, service.token, data, progress)
        status, answer = await last.ask("GET", f"/users/me/scids/{SCID}/clips?maxItems=1")
        last.connection.close()
        total = json.loads(answer)["pagingInfo"]["totalItems"]
    finally:
        await service.stop()
    print(json.dumps({"clips": total, "seconds": round(seconds, 1), "megabytes": round(service.memory, 1),
                      "workers": round(service.workers, 1), "connections": Connection.most, "kills": service.kills}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], int(sys.argv[4]), "kill" in sys.argv[5:]))
