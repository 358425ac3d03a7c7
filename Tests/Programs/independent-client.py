#!/usr/bin/env python3
"""Every call of the services, by somebody else: written from the protocol's description alone, with Python's standard
library only.

usage: independent-client.py METADATA-URL TOKEN CLIP LARGE.jpg SMALL.jpg TITLE XUID SCID STATISTIC

All services are at one URL here. Prints the name of each call as it has worked; ends with 1 at the first that has not.
"""

import concurrent.futures
import http.client
import json
import math
import os
import random
import sys
import time
import urllib.parse

BLOCK = 2_000_000  # right under both readings of "2 MB"
RETRYABLE = {408, 429, 500, 502, 503, 504}
UNDER_WAY = {"PendingUpload", "Uploaded", "Processing", "Processed", "Publishing"}


class Failure(Exception):
    pass


def say(call):
    print(call, flush=True)


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def send(method, url, headers, body=None):
    """One request on a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=60)
    try:
        path = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def idempotent(method, url, headers, body=None):
    """With the publisher's guidance for retrying: back-off with jitter, never before Retry-After."""
    wait = 2.0
    while True:
        answer = send(method, url, headers, body)
        if answer.status not in RETRYABLE:
            return answer
        expect(wait <= 16, f"{method} {url}: {answer.status} again and again")
        time.sleep(max(float(answer.headers.get("Retry-After") or 0), random.uniform(wait / 2, wait)))
        wait *= 2


def with_query(url, **more):
    """Merges parameters into a URL that may have some already."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query)
    known = {name for name, _ in query}
    query += [(name, str(value)) for name, value in more.items() if name not in known]
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))


class GameClips:
    def __init__(self, base, token, scid):
        self.base, self.scid = base, scid
        self.authorization = {"Authorization": f"Xauth={token}"}
        self.headers = {**self.authorization, "X-RequestedServiceVersion": "1", "Accept": "application/json"}
        self.sending = {**self.headers, "Content-Type": "application/json"}

    def clips(self, owner="me", scid=True):
        return f"{self.base}/users/{owner}" + (f"/scids/{self.scid}" if scid else "") + "/clips"

    def ask_for_upload(self, request):
        answer = send("POST", self.clips(), self.sending, json.dumps(request))
        expect(answer.status == 200, f"the initial request: {answer.status} {answer.body}")
        for name in ["X-RequestedServiceVersion", "Content-Type", "Cache-Control", "Accept", "Vary"]:
            expect(answer.headers.get(name), f"the answer has no {name}")
        return answer.json

    def put_blocks(self, uri, clip_id, data):
        """In parallel and in any order."""
        count = math.ceil(len(data) / BLOCK)
        numbers = list(range(count))
        random.shuffle(numbers)

        def put(number):
            url = with_query(uri, blockNum=number, uploadId=clip_id)
            headers = {**self.authorization, "Content-Type": "application/octet-stream"}
            return idempotent("PUT", url, headers, data[number * BLOCK:(number + 1) * BLOCK]).status

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(put, numbers))
        expect(sorted(statuses) == [201] + [202] * (count - 1), f"the blocks' answers are {statuses}")

    def put_thumbnail(self, uri, data):
        answer = idempotent("PUT", uri, {**self.authorization, "Content-Type": "image/jpeg"}, data)
        expect(answer.status in (200, 201), f"a thumbnail: {answer.status} {answer.body}")

    def get(self, clip_id, owner="me"):
        answer = idempotent("GET", f"{self.clips(owner)}/{clip_id}", self.headers)
        expect(answer.status == 200, f"GET of the clip: {answer.status} {answer.body}")
        return answer.json["gameClip"]

    def wait_until_published(self, clip_id):
        limit = time.monotonic() + 60
        while True:
            clip = self.get(clip_id)
            if clip["state"] == "Published":
                return clip
            expect(clip["state"] in UNDER_WAY, f"the clip ended as {clip['state']}")
            expect(time.monotonic() < limit, f"the clip is still {clip['state']}")
            time.sleep(0.05)

    def all_pages(self, url, **query):
        found, token = [], None
        while True:
            more = {**query, **({"continuationToken": token} if token else {})}
            answer = idempotent("GET", with_query(url, **more), self.headers)
            expect(answer.status == 200, f"a list: {answer.status} {answer.body}")
            found += [clip["gameClipId"] for clip in answer.json["gameClips"]]
            token = answer.json["pagingInfo"]["continuationToken"]
            if token is None:
                expect(len(found) == answer.json["pagingInfo"]["totalItems"], "totalItems is another number")
                return found
            expect(len(token) <= 36, "the continuation token is too long")


def upload(service, data, large, small, caption):
    request = {
        "userCaption": caption, "dateRecorded": "2026-01-31T20:15:00Z", "durationInSeconds": 27,
        "expectedBlocks": math.ceil(len(data) / BLOCK), "fileSize": len(data), "type": "DeveloperInitiated",
        "source": "TitleDirect", "visibility": "Public", "titleData": "{\"a\":1}", "systemProperties": "{}",
        "thumbnailSource": "Upload", "savedByUser": False,
    }
    answer = service.ask_for_upload(request)
    service.put_blocks(answer["uploadUri"], answer["gameClipId"], data)
    service.put_thumbnail(answer["largeThumbnailUri"], large)
    service.put_thumbnail(answer["smallThumbnailUri"], small)
    return answer["gameClipId"]


def download(uri, data):
    whole = idempotent("GET", uri, {})
    expect(whole.status == 200 and whole.body == data, "the clip came back as something else")
    part = idempotent("GET", uri, {"Range": "bytes=10-19"})
    expect(part.status == 206 and part.body == data[10:20], "Range gives another part")
    expect(part.headers["Content-Range"] == f"bytes 10-19/{len(data)}", "Content-Range says something else")
    impossible = idempotent("GET", uri, {"Range": f"bytes={len(data)}-"})
    expect(impossible.status == 416, f"an impossible range: {impossible.status}")
    known = idempotent("GET", uri, {"If-None-Match": whole.headers["ETag"]})
    expect(known.status == 304 and not known.body, f"a conditional GET: {known.status}")


def statistics(base, xbl, scid, xuid, name):
    body = {"requestedusers": [int(xuid)], "requestedscids": [{"scid": scid, "requestedstats": [name]}]}
    headers = {**xbl, "X-RequestedServiceVersion": "1", "Content-Type": "application/json"}
    answer = idempotent("POST", base + "/batch", headers, json.dumps(body))
    expect(answer.status == 200, f"statistics: {answer.status} {answer.body}")
    (user,) = answer.json["users"]
    expect(str(user["xuid"]) == xuid, "another user's statistics")
    (statistic,) = user["scids"][0]["stats"]
    expect(statistic["statname"] == name and float(statistic["value"]) == 12, f"the statistic is {statistic}")


def server(base, xbl, title, scid):
    session = f"/serviceconfigs/{scid}/sessiontemplates/quick/session/independent"
    headers = {**xbl, "x-xbl-contract-version": "1", "Content-Type": "application/json",
               "Accept": "application/json", "User-Agent": "independent/1"}
    status_of = f"{base}/titles/{title}/sessions/{urllib.parse.quote(session, safe='')}/allocationStatus"
    expect(idempotent("GET", status_of, headers).status == 404, "there is a server before one was asked for")
    body = json.dumps({"sessionId": session, "abortIfQueued": "true"})
    answer = send("POST", f"{base}/titles/{title}/clusters", headers, body)
    expect(answer.status == 200, f"clusters: {answer.status} {answer.body}")
    for name in ["Cache-Control", "Content-Type", "Content-Length", "X-Content-Type-Options", "X-XblCorrelationId",
                 "Date"]:
        expect(answer.headers.get(name), f"the answer has no {name}")
    expect(answer.json["fulfillmentState"] == "Fulfilled", f"clusters: {answer.json}")
    expect(int(answer.json["pollIntervalMilliseconds"]) > 0, "the poll interval is no number")
    say("POST clusters")
    found = idempotent("GET", status_of, headers)
    expect(found.status == 200 and found.json["status"] == "Fulfilled", f"the status: {found.body}")
    expect(found.json["hostName"] and found.json["portMappings"][0]["Value"]["external"], "no host or port")
    say("GET allocationStatus")


def main(base, token, clip, large, small, title, xuid, scid, statistic):
    data, large, small = [open(path, "rb").read() for path in (clip, large, small)]
    xbl = {"Authorization": f"XBL3.0 x=4711;{token}"}
    service = GameClips(base, token, scid)
    first = upload(service, data, large, small, "first <b>one</b>")
    second = upload(service, data, large, small, "second")
    expect(first != second, "two requests got one id")
    say("POST clips")
    say("PUT blocks")
    say("PUT thumbnails")
    published = service.wait_until_published(first)
    service.wait_until_published(second)
    expect(published["userCaption"] == "first <b>one</b>" and published["titleData"] == "{\"a\":1}", "other members")
    owner = f"xuid({published['xuid']})"
    expect(service.get(first, owner)["gameClipId"] == first, "the clip is not found by its owner's xuid")
    say("GET clip")
    sizes = {(t["thumbnailType"], idempotent("GET", t["uri"], {}).body) for t in published["thumbnails"]}
    expect(sizes == {("Large", large), ("Small", small)}, "the thumbnails came back as something else")
    (uri,) = [u["uri"] for u in published["gameClipUris"] if u["uriType"] == "Download"]
    download(uri, data)
    say("GET uri")
    everything = service.all_pages(service.clips(), maxItems=1)
    expect(everything[:2] == [second, first], "the list is not newest first")
    expect(service.all_pages(service.clips(owner, scid=False), maxItems=1, order="A")[-2:] == [first, second],
           "the list in ascending order is another one")
    skipped = idempotent("GET", with_query(service.clips(), skipItems=1, maxItems=1), service.headers).json
    expect([c["gameClipId"] for c in skipped["gameClips"]] == [first], "skipItems skips something else")
    say("GET clips")
    change = json.dumps({"userCaption": "changed", "visibility": "Owner"})
    updated = send("POST", f"{service.clips()}/{first}", service.sending, change)
    expect(updated.status == 200, f"the update: {updated.status} {updated.body}")
    wrong = send("POST", f"{service.clips()}/{first}", service.sending, json.dumps(
        {"userCaption": "again", "titleData": "x" * 10_241}))
    expect(wrong.status == 400, f"an update that is too large: {wrong.status}")
    expect(service.get(first)["userCaption"] == "changed", "an update was carried out in part")
    say("POST clip")
    statuses = [send("DELETE", f"{service.clips()}/{first}", service.headers).status for _ in range(2)]
    expect(statuses == [204, 404], f"deleting twice: {statuses}")
    say("DELETE clip")
    statistics(base, xbl, scid, xuid, statistic)
    say("POST batch")
    server(base, xbl, title, scid)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Failure, OSError, KeyError, ValueError, http.client.HTTPException) as error:
        sys.exit(f"{type(error).__name__}: {error}")
