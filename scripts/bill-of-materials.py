#!/usr/bin/env python3
"""Lists what programs consist of, as CycloneDX 1.5 JSON: the libraries that they are linked with or load later, with the
Debian packages that these are from, and the Swift runtime that is in them.

usage: bill-of-materials.py VERSION SWIFT PROGRAM... [--loads LIBRARY...]
"""

import json
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    """Paths by names, those that libraries need among them."""
    return dict(re.findall(r"^\s*(\S+) => (/\S+)", output("ldd", program), re.MULTILINE))


def packages_of(paths):
    """Packages by paths; Debian's lists may have either side of the link from /lib to /usr/lib."""
    spellings = {name: path for path in paths for name in (path, re.sub("^/usr", "", path), "/usr" + path)}
    found = subprocess.run(["dpkg-query", "--search", *spellings], capture_output=True, text=True).stdout
    return {spellings[path]: name.split(",")[0]
            for name, path in re.findall(r"^(\S+): (/\S+)$", found, re.MULTILINE) if path in spellings}


def main():
    version, swift, *rest = sys.argv[1:]
    later = rest[rest.index("--loads") + 1:] if "--loads" in rest else []
    programs = rest[:rest.index("--loads")] if "--loads" in rest else rest
    paths = {}
    for program in programs:
        paths.update(libraries(program))
    cache = dict(re.findall(r"^\s*(\S+) \(.*\) => (/\S+)", output("/sbin/ldconfig", "-p"), re.MULTILINE))
    for name in later:
        paths[name] = cache[name]
        paths.update(libraries(cache[name]))
    packages = {}
    owners = packages_of(paths.values())
    for name, path in paths.items():
        packages.setdefault(owners.get(path), []).append(name)
    components = [{"type": "framework", "name": "swift-runtime", "version": swift, "scope": "required",
                   "description": "Linked in: standard library, concurrency, Dispatch, Foundation"}]
    for name, files in sorted((name, files) for name, files in packages.items() if name):
        fields = output("dpkg-query", "--show", "--showformat", "${Version}\t${Architecture}\t${source:Package}", name)
        number, architecture, source = fields.split("\t")
        short = name.split(":")[0]
        components.append({
            "type": "library", "name": short, "version": number, "scope": "required",
            "purl": f"pkg:deb/debian/{short}@{number.replace('+', '%2B')}?arch={architecture}",
            "properties": [{"name": "debian:source", "value": source},
                           {"name": "files", "value": " ".join(sorted(files))}]})
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "name": "clipship", "version": version,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components}
    print(json.dumps(document, indent=2))


main()
