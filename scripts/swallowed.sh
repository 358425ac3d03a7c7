#!/usr/bin/env bash
#
# Finds each `try?` without a comment that says why nothing is lost by it: on its line, or right above its statement.

set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."
/usr/bin/python3 - <<'PYTHON'
import pathlib, re, sys

found = 0
for path in sorted(pathlib.Path("Sources").rglob("*.swift")):
    lines = path.read_text().splitlines()
    for index, line in enumerate(lines):
        code = line.split("//")[0]
        if not re.search(r"\btry\?", code):
            continue
        # A statement may take some lines before it comes to its `try?`.
        above = lines[max(0, index - 4):index]
        if "//" in line or any(other.strip().startswith("//") for other in above):
            continue
        found += 1
        print(f"{path}:{index + 1}: {line.strip()}", file=sys.stderr)
if found:
    print("swallowed.sh: say in a comment above each why nothing is lost, or let the error through", file=sys.stderr)
sys.exit(found > 0)
PYTHON
