#!/usr/bin/env python3
"""Reads a WebVTT file of sprite pictures in headless Chromium, by the DevTools protocol over a pipe.

usage: look-at-sprite.py BROWSER FOLDER TRACK

Serves FOLDER on this machine, with a page whose <video> has TRACK, a name in it, as its metadata track, as players have it.
Prints what the browser read as JSON: each cue, and of the part of the picture that it names the size and the mean red.
"""

import functools
import http.server
import importlib.util
import json
import pathlib
import sys
import tempfile
import threading

program, folder, track = sys.argv[1:4]
here = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("look_at_page", here / "look-at-page.py")
look = importlib.util.module_from_spec(spec)
spec.loader.exec_module(look)

PAGE = b"<!doctype html><meta charset=utf-8><link rel=icon href=data:,><video></video>"
READ = """(async () => {
  const track = document.createElement('track');
  Object.assign(track, {kind: 'metadata', src: NAME, default: true});
  const loaded = new Promise((done, fail) => { track.onload = done; track.onerror = () => fail(new Error('track')); });
  document.querySelector('video').append(track);
  track.track.mode = 'hidden';
  await loaded;
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const pictures = new Map();
  const cues = [];
  for (const cue of track.track.cues) {
    const [name, part] = cue.text.split('#xywh=');
    const [x, y, width, height] = part.split(',').map(Number);
    const address = new URL(name, track.src).href;
    if (!pictures.has(address)) {
      const picture = new Image();
      picture.src = address;
      await picture.decode();
      pictures.set(address, picture);
    }
    const picture = pictures.get(address);
    Object.assign(canvas.canvas, {width, height});
    canvas.drawImage(picture, x, y, width, height, 0, 0, width, height);
    const bytes = canvas.getImageData(0, 0, width, height).data;
    let red = 0;
    for (let at = 0; at < bytes.length; at += 4) red += bytes[at];
    cues.push({start: cue.startTime, end: cue.endTime, x, y, width, height, red: red / (width * height),
               fits: x + width <= picture.naturalWidth && y + height <= picture.naturalHeight});
  }
  return {cues, pictures: pictures.size};
})()"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
threading.Thread(target=server.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as profile:
    browser = look.Browser(program, profile)
    for domain in ("Page", "Runtime", "Log"):
        browser.call(f"{domain}.enable")
    browser.call("Page.navigate", url=f"http://127.0.0.1:{server.server_address[1]}/")
    while "Page.loadEventFired" not in [event.get("method") for event in browser.events]:
        browser.events.append(browser.read())
    result = browser.call("Runtime.evaluate", expression=READ.replace("NAME", json.dumps(track)),
                          returnByValue=True, awaitPromise=True)
    facts = result["result"].get("value") or {"cues": [], "pictures": 0}
    facts["complaints"] = [event["params"]["entry"]["text"] for event in browser.events
                           if event.get("method") == "Log.entryAdded"]
    if "exceptionDetails" in result:
        facts["complaints"].append(str(result["exceptionDetails"]))
    browser.process.terminate()
    browser.process.wait()
server.shutdown()
print(json.dumps(facts))
