#!/usr/bin/env python3
"""Looks at report.html in headless Chromium, by the DevTools protocol over a pipe.

usage: look-at-report.py BROWSER FILE FOLDER [AXE]

Writes screenshots into FOLDER. Prints what it saw as JSON; with AXE, a copy of axe.min.js, what that finds, too.
"""

import base64
import importlib.util
import json
import pathlib
import sys
import tempfile

program, page, folder = sys.argv[1:4]
axe = pathlib.Path(sys.argv[4]).read_text() if len(sys.argv) > 4 else None
here = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("look_at_page", here / "look-at-page.py")
look = importlib.util.module_from_spec(spec)
spec.loader.exec_module(look)

COUNT = """[...document.querySelectorAll('#list > li')].filter((node) => node.offsetParent !== null).length"""
SHOWN_PICTURES = """[...document.images].filter((image) => image.complete && image.naturalWidth > 0).length"""


def visit(browser, address):
    seen = len(browser.events)
    browser.call("Page.navigate", url=address)
    while "Page.loadEventFired" not in [event.get("method") for event in browser.events[seen:]]:
        browser.events.append(browser.read())


with tempfile.TemporaryDirectory() as profile:
    browser = look.Browser(program, profile)
    for domain in ("Page", "Runtime", "Network", "Log"):
        browser.call(f"{domain}.enable")
    browser.value = lambda text: browser.call(
        "Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)["result"].get("value")
    address = pathlib.Path(page).absolute().as_uri()
    facts = {"widths": {}, "axe": []}
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=1200, deviceScaleFactor=1,
                         mobile=False)
            browser.call("Emulation.setEmulatedMedia", media="",
                         features=[{"name": "prefers-color-scheme", "value": scheme}])
            visit(browser, address)
            facts["widths"][str(width)] = browser.value("document.documentElement.scrollWidth")
            facts[f"ground-{scheme}"] = browser.value("getComputedStyle(document.body).backgroundColor")
            if axe:
                facts["axe"] += [f"{width} {scheme}: {one}" for one in look.findings(browser, axe)]
            shot = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)
            pathlib.Path(folder, f"{width}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
    facts["clips"] = browser.value(COUNT)
    facts["controls"] = browser.value("!document.getElementById('controls').hidden")
    facts["elements in captions"] = browser.value("document.querySelectorAll('.caption *, h1 *, h3 *').length")
    facts["scripts"] = browser.value("document.scripts.length")
    browser.value("search.value = 'boss-fight'; search.dispatchEvent(new Event('input')); 0")
    facts["found"] = browser.value(COUNT)
    browser.value("search.value = ''; search.dispatchEvent(new Event('input'));"
                  "order.value = 'seconds'; order.dispatchEvent(new Event('change')); 0")
    facts["longest"] = browser.value("document.querySelector('#list h3').textContent")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=60000, deviceScaleFactor=1, mobile=False)
    visit(browser, address)
    facts["clips without script"] = browser.value(COUNT)
    facts["pictures without script"] = browser.value(SHOWN_PICTURES)
    facts["controls without script"] = browser.value("!document.getElementById('controls').hidden")
    requests = [event["params"]["request"]["url"] for event in browser.events
                if event.get("method") == "Network.requestWillBeSent"]
    facts["requests"] = sorted({url.split(":")[0] for url in requests})
    facts["complaints"] = [event["params"]["entry"]["text"] for event in browser.events
                           if event.get("method") == "Log.entryAdded"]
    facts["exceptions"] = sum(event.get("method") == "Runtime.exceptionThrown" for event in browser.events)
    browser.process.terminate()
    browser.process.wait()
print(json.dumps(facts))
