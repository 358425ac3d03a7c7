#!/usr/bin/env python3
"""Compares what the local service answers with docs/openapi.yaml, by the reference validator of JSON Schema.

usage: check-openapi.py OPENAPI METADATA-URL TOKEN ... (the arguments of independent-client.py)

The independent client does every call, then come requests that are refused. Each answer must be described: its path,
method and status, its content type, the headers that it must have, and its body. Prints each operation and status that
was seen; the service must have been started with --control.
"""

import importlib.util
import json
import os
import re
import sys

import jsonschema
import yaml

FORMATS = jsonschema.FormatChecker()


def load_client():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "independent-client.py")
    spec = importlib.util.spec_from_file_location("independent_client", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Description:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.paths = []
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template))
            self.paths.append((re.compile(pattern + r"\Z"), item))
        for name, schema in self.document["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
        self.operations = {operation["operationId"] for item in self.document["paths"].values()
                           for method, operation in item.items() if method in ("get", "put", "post", "delete")}

    def follow(self, node):
        while "$ref" in node:
            place = node["$ref"]
            node = self.document
            for step in place.removeprefix("#/").split("/"):
                node = node[step]
        return node

    def check(self, schema, value, what):
        resolver = jsonschema.RefResolver("", self.document)
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=FORMATS)
        for error in validator.iter_errors(value):
            raise AssertionError(f"{what}: {error.json_path}: {error.message}")

    def operation(self, method, path):
        for pattern, item in self.paths:
            if pattern.match(path):
                return item.get(method.lower()), item
        raise AssertionError(f"no path of the description is that of {method} {path}")

    def check_exchange(self, method, path, answer):
        """The operation's name, or None for a method that the path does not take."""
        operation, item = self.operation(method, path)
        what = f"{method} {path}: {answer.status}"
        if operation is None:
            assert answer.status == 405, what
            return None
        responses = operation["responses"]
        assert str(answer.status) in responses, f"{what} is not described"
        response = self.follow(responses[str(answer.status)])
        for name, header in response.get("headers", {}).items():
            value = answer.headers.get(name)
            assert value is not None or not header.get("required"), f"{what} has no {name}"
            if value is not None:
                self.check(header["schema"], value, f"{what}: {name}")
        content = response.get("content")
        if not content:
            assert not answer.body, f"{what} has a body: {answer.body[:80]}"
            return operation["operationId"]
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        assert kind in content, f"{what} is of type {kind}"
        if kind == "application/json":
            self.check(content[kind]["schema"], json.loads(answer.body), what)
        return operation["operationId"]


def refused(client, base, token, title, scid):
    """Requests that come to nothing, one for each reason."""
    xauth = {"Authorization": f"Xauth={token}"}
    xbl = {"Authorization": f"XBL3.0 x=1;{token}", "x-xbl-contract-version": "1", "User-Agent": "check"}
    sending = {"Content-Type": "application/json"}
    clips, unknown = f"{base}/users/me/scids/{scid}/clips", "00000000-0000-0000-0000-000000000000"
    transfer = f"/xuid(1)/{unknown}/container"
    session = f"{base}/titles/{title}/sessions/nothing/allocationStatus"
    for method, url, headers, body in [
        ("GET", clips, {}, None), ("GET", clips + "?order=x", xauth, None), ("PUT", clips, xauth, b""),
        ("GET", clips, {**xauth, "X-RequestedServiceVersion": "7"}, None),
        ("GET", f"{base}/users/nobody/clips", xauth, None), ("GET", f"{base}/users/me/clips", {}, None),
        ("POST", clips, {**xauth, **sending}, "{}"), ("POST", clips, {**xauth, **sending}, "{"),
        ("POST", clips, sending, "{}"), ("POST", clips, {**xauth, "Content-Type": "text/plain"}, "{}"),
        ("POST", f"{base}/users/xuid(1)/scids/{scid}/clips", {**xauth, **sending}, "{}"),
        ("GET", f"{clips}/{unknown}", xauth, None), ("POST", f"{clips}/{unknown}", {**xauth, **sending}, "{}"),
        ("DELETE", f"{clips}/{unknown}", xauth, None), ("DELETE", f"{clips}/{unknown}", {}, None),
        ("PUT", f"{base}/upload{transfer}?uploadId=1", xauth, b"x"), ("PUT", f"{base}/upload{transfer}", {}, b"x"),
        ("PUT", f"{base}/upload{transfer}/thumbnails/large", xauth, b"x"), ("GET", f"{base}/upload{transfer}", {}, None),
        ("GET", f"{base}/download{transfer}?key=1", {}, None), ("GET", f"{base}/download{transfer}", {}, None),
        ("GET", f"{base}/download{transfer}/thumbnails/small?key=1", {}, None),
        ("POST", f"{base}/batch", {**xbl, **sending}, "{}"), ("POST", f"{base}/batch", sending, "{}"),
        ("POST", f"{base}/batch", {**xbl, **sending}, json.dumps(
            {"requestedusers": [1], "requestedscids": [{"scid": scid, "requestedstats": ["a"]}]})),
        ("GET", f"{base}/batch", xbl, None),
        ("POST", f"{base}/titles/{title}/clusters", {**xbl, **sending}, "{}"),
        ("POST", f"{base}/titles/{title}/clusters", sending, "{}"),
        ("POST", f"{base}/titles/{title}/clusters", {**xbl, **sending, "x-xbl-contract-version": "2"}, "{}"),
        ("GET", session, xbl, None), ("GET", session, {}, None), ("DELETE", session, xbl, None),
    ]:
        answer = client.send(method, url, headers, body)
        assert answer.status >= 400, f"{method} {url} is {answer.status}"


def others_calls(client, base, token, title, user, scid, stat):
    """The calls that the reference has not, and clients of the live service make."""
    headers = {"Authorization": f"XBL3.0 x=1;{token}", "x-xbl-contract-version": "2"}
    for path in [f"/users/me/titles/{title}/clips", "/users/me/clips/saved", f"/users/me/titles/{title}/clips/saved",
                 f"/public/titles/{title}/clips", f"/public/titles/{title}/clips/saved", f"/public/scids/{scid}/clips",
                 f"/users/xuid({user})/scids/{scid}/stats/{stat},Other", "/users/me/titles/x/clips"]:
        client.send("GET", base + path, headers)
        client.send("GET", base + path, {})
    stats = [{"name": stat, "scid": scid}, {"name": stat, "titleId": 5}]
    body = {"arrangebyfield": "xuid", "groups": [{"name": "Hero", "titleId": 5}], "stats": stats, "xuids": [user]}
    for change in [{}, {"xuids": ["0"]}, {"stats": [{}]}, {"groups": None}]:
        client.send("POST", f"{base}/batch", {**headers, "Content-Type": "application/json"}, json.dumps({**body, **change}))
    unknown = "00000000-0000-0000-0000-000000000000"
    client.send("POST", f"{base}/users/me/scids/{scid}/clips/{unknown}/views", headers, "")


def control(client, base):
    json_type = {"Content-Type": "application/json"}
    for path, body in [("faults", '{"rules": [{"calls": "list", "status": 503, "times": 1}]}'), ("faults", '{"a": 1}'),
                       ("clock", '{"advance": "1s"}'), ("clock", "{}"), ("servers", '{"capacity": 3}'),
                       ("servers", '{"abort": "/a"}'), ("clips", '{"id": "a", "state": "Flagged"}'), ("clips", "{}")]:
        client.send("GET", f"{base}/_control/{path}", {})
        client.send("POST", f"{base}/_control/{path}", json_type, body)
        client.send("POST", f"{base}/_control/{path}", {"Content-Type": "text/plain"}, body)
    for query in ["", "?route=block&stored=true", "?block=x"]:
        client.send("GET", f"{base}/_control/requests{query}", {})


def main(openapi, base, token, *others):
    description, client, exchanges = Description(openapi), load_client(), []
    send = client.send

    def recording(method, url, headers, body=None):
        answer = send(method, url, headers, body)
        path = url.removeprefix(base).split("?")[0]
        exchanges.append((method, path, answer))
        return answer

    client.send = recording
    client.say = lambda call: None
    client.main(base, token, *others)
    title, user, scid, stat = others[3:]
    refused(client, base, token, title, scid)
    others_calls(client, base, token, title, user, scid, stat)
    control(client, base)
    seen = {(description.check_exchange(*exchange) or "no operation", exchange[2].status) for exchange in exchanges}
    for operation, status in sorted(seen):
        print(operation, status)
    missing = description.operations - {operation for operation, _ in seen}
    assert not missing, f"nothing was asked of {sorted(missing)}"


if __name__ == "__main__":
    main(*sys.argv[1:])
