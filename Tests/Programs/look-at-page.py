#!/usr/bin/env python3
"""Looks at the local service's page in headless Chromium, by the DevTools protocol over a pipe.

usage: look-at-page.py BROWSER URL FOLDER CLIPS [AXE]

Waits until CLIPS clips are published, plays one, and writes screenshots into FOLDER. Prints what it saw as JSON;
with AXE, a copy of axe.min.js, what that finds, too.
"""

import base64
import json
import os
import select
import subprocess
import sys
import time


class Browser:
    """Messages end with a zero byte; the browser reads descriptor 3 and writes descriptor 4."""

    def __init__(self, program, profile):
        read_by_browser, self.output = os.pipe()
        self.input, written_by_browser = os.pipe()

        def wire():
            # Out of the way first: either may be 3 or 4 already.
            ends = [os.dup(read_by_browser), os.dup(written_by_browser)]
            for number, end in zip((3, 4), ends):
                os.dup2(end, number)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio",
             "--remote-debugging-pipe", "--no-first-run", f"--user-data-dir={profile}",
             "--autoplay-policy=no-user-gesture-required", "about:blank"],
            preexec_fn=wire, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(read_by_browser)
        os.close(written_by_browser)
        self.buffer, self.last, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def read(self):
        limit = time.monotonic() + 60
        while b"\0" not in self.buffer:
            if not select.select([self.input], [], [], max(0, limit - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.input, 1 << 16)
            if not piece:
                raise EOFError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, event):
        while event not in [seen.get("method") for seen in self.events]:
            self.events.append(self.read())

    def run(self, script):
        """The value of an expression, awaited."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def press(self, key, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def close(self):
        self.process.kill()
        self.process.wait()


UNTIL = """new Promise((resolve, reject) => {
  const look = () => { const value = (%s)(); if (value) { resolve(value); return true; } return false; };
  if (look()) return;
  const watch = new MutationObserver(() => { if (look()) watch.disconnect(); });
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  setTimeout(() => reject(new Error("it did not come about")), 30000);
})"""

PLAY = """(async () => {
  const video = document.querySelector(".published video");
  await video.play();
  await new Promise((resolve, reject) => {
    video.ontimeupdate = () => { if (video.currentTime > 0.3) resolve(); };
    setTimeout(() => reject(new Error("it does not play: " + video.error?.message)), 30000);
  });
  const facts = {currentTime: video.currentTime, readyState: video.readyState, width: video.videoWidth,
                 duration: video.duration};
  video.pause();
  return facts;
})()"""

# What has the focus after each press of the tabulator key.
FOCUS = """(() => { const node = document.activeElement;
  return node.id || node.className || node.tagName.toLowerCase(); })()"""


def screenshot(browser, path):
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}
    data = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
    with open(path, "wb") as file:
        file.write(base64.b64decode(data))


def findings(browser, axe):
    """What axe says about the page as it is: the rule, where, and what is wrong."""
    browser.run(axe + ";0")
    return browser.run("axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations.map("
                       "(one) => one.id + ': ' + one.nodes[0].html + ' ' + one.nodes[0].failureSummary))")


def look(browser, url, folder, clips, axe):
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.call("Page.navigate", url=url)
    browser.wait("Page.loadEventFired")
    published = f"() => document.querySelectorAll('.published').length >= {clips}"
    browser.run(UNTIL % published)
    facts = {"widths": {}, "axe": [], "video": browser.run(PLAY)}
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=844 if width < 500 else 900,
                         deviceScaleFactor=1, mobile=width < 500)
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            # Two frames, so that the layout is done, and pictures that are there already are painted.
            browser.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            screenshot(browser, f"{folder}/{width}-{scheme}.png")
            facts["ground-" + scheme] = browser.run("getComputedStyle(document.body).backgroundColor")
            if axe:
                facts["axe"] += [f"{width} {scheme}: {one}" for one in findings(browser, axe)]
        facts["widths"][width] = browser.run("document.documentElement.scrollWidth")
    facts["captions"] = browser.run("[...document.querySelectorAll('article h3')].map(node => node.textContent)")
    facts["scripts"] = browser.run("document.querySelectorAll('script').length")
    facts["elements in captions"] = browser.run("document.querySelectorAll('article h3 *').length")
    facts["rows"] = browser.run("document.querySelectorAll('#rows tr').length")
    facts["text"] = browser.run("document.documentElement.outerHTML")
    browser.run("document.activeElement.blur(); scrollTo(0, 0)")
    facts["focus"] = []
    for _ in range(40):
        browser.press("Tab", 9)
        facts["focus"].append(browser.run(FOCUS))
    names = [event.get("method") for event in browser.events]
    facts["dialogs"] = names.count("Page.javascriptDialogOpening")
    facts["exceptions"] = names.count("Runtime.exceptionThrown")
    facts["complaints"] = [event["params"]["entry"]["text"] for event in browser.events
                           if event.get("method") == "Log.entryAdded"
                           and event["params"]["entry"]["level"] == "error"]
    facts["hosts"] = sorted({event["params"]["request"]["url"].split("/")[2] for event in browser.events
                             if event.get("method") == "Network.requestWillBeSent"
                             and not event["params"]["request"]["url"].startswith("data:")})
    return facts


def main(program, url, folder, clips, axe=None):
    browser = Browser(program, os.path.join(folder, "profile"))
    if axe:
        with open(axe, encoding="utf-8") as file:
            axe = file.read()
    try:
        print(json.dumps(look(browser, url, folder, int(clips), axe)))
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
