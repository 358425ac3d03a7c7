#!/usr/bin/env bash
#
# Checks the directions of imports: a target imports only those that Package.swift gives it, and each C library is given
# to one target. SwiftPM lets a target see what its dependencies depend on, too, so the compiler does not notice.

set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift package dump-package | /usr/bin/python3 -c '
import json, pathlib, re, sys

targets = {target["name"]: target for target in json.load(sys.stdin)["targets"]}
complaints = []
users = {}
for name, target in targets.items():
    given = {next(iter(entry.values()))[0] for entry in target["dependencies"]}
    folder = pathlib.Path(target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + name)
    # Tests see what the targets that they test are given.
    if target["type"] == "test":
        for other in list(given):
            given |= {next(iter(entry.values()))[0] for entry in targets[other]["dependencies"]}
    for path in sorted(folder.rglob("*.swift")):
        for line in path.read_text().splitlines():
            match = re.match(r"(?:@\w+ )*(?:(?:public|package|internal|private) )?import (?:\w+ )?(\w+)", line)
            if not match or match[1] not in targets or match[1] == name:
                continue
            if match[1] not in given:
                complaints.append(f"{path}: imports {match[1]}, which Package.swift does not give to {name}")
    for other in given:
        if targets[other]["type"] == "system" and target["type"] != "test":
            users.setdefault(other, []).append(name)
for library, names in users.items():
    if len(names) > 1:
        complaints.append(f"Package.swift: {library} is given to more than one target: " + ", ".join(sorted(names)))
print("\n".join(sorted(complaints)), end="\n" if complaints else "", file=sys.stderr)
sys.exit(bool(complaints))
'
