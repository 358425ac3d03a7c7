"use strict";

// Asks the service for its state once a second, and changes only what is different, so that what is being played or
// read stays where it is. Everything that came from users is set as text, never as markup.

const steps = ["PendingUpload", "Uploaded", "Processing", "Processed", "Publishing", "Published"];
const names = { PendingUpload: "Uploading" };
const element = id => document.getElementById(id);
const only = element("only");
const cards = new Map();
const rows = new Map();
let service = null;
let page = 0;

function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (count >= 1000 && unit < 3) { count /= 1000; unit += 1; }
  return `${unit && count < 100 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

function length(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function made(template, keyed, key) {
  const node = element(template).content.firstElementChild.cloneNode(true);
  keyed.set(key, node);
  return node;
}

// Puts the nodes into their order without moving those that are in it already: a video that is moved stops.
function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  let place = parent.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

function note(clip) {
  if (clip.reason) return clip.reason;
  if (clip.state === "PendingUpload" && clip.blocks) return `${clip.stored} of ${clip.blocks} blocks`;
  return clip.published ? new Date(clip.published).toLocaleString([], { timeZoneName: "short" }) : "";
}

function showClip(clip) {
  const card = cards.get(clip.id) ?? made("card", cards, clip.id);
  const find = name => card.querySelector(name);
  const step = steps.indexOf(clip.state);
  card.className = clip.state === "Published" ? "published playable" : step < 0 ? "ended" : "";
  const caption = clip.caption || "No caption";
  text(find("h3"), caption);
  find("h3").classList.toggle("none", !clip.caption);
  text(find(".chip"), names[clip.state] ?? clip.state);
  text(find(".note"), note(clip));
  find(".note").title = note(clip);
  find(".steps").querySelectorAll("i").forEach((mark, index) => {
    mark.classList.toggle("done", index <= (step < 0 ? 2 : step));
  });
  text(find(".length"), length(clip.seconds));
  text(find(".size"), bytes(clip.size));
  text(find(".views"), String(clip.views));
  text(find(".owner"), clip.xuid);
  text(find(".id"), clip.id);
  const video = find("video");
  if (clip.state === "Published" && !video.hasAttribute("src")) {
    video.poster = `/_page/clips/${encodeURIComponent(clip.id)}/thumbnail`;
    video.src = `/_page/clips/${encodeURIComponent(clip.id)}/video`;
    video.setAttribute("aria-label", caption);
    // Not while it is gone or being looked for: only what can't be decoded.
    video.addEventListener("error", () => {
      const code = video.error ? video.error.code : 0;
      find(".unplayable").hidden = code !== MediaError.MEDIA_ERR_DECODE && code !== MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    });
    video.addEventListener("loadeddata", () => { find(".unplayable").hidden = video.videoWidth > 0; });
  }
  return card;
}

function showRequest(request) {
  const row = rows.get(request.number) ?? made("row", rows, request.number);
  const find = name => row.querySelector(name);
  const code = request.status ?? (request.answered ? 0 : null);
  row.className = code === null ? "" : code === 0 || code >= 400 ? "bad" : code >= 300 ? "moved" : "good";
  text(find(".time"), new Date(request.time).toLocaleTimeString([], { hour12: false }));
  const block = request.block === undefined ? "" : ` ${request.block}`;
  text(find("b"), `${request.method} ${request.route ?? ""}${block}`);
  text(find(".path"), request.path);
  find(".path").title = request.path;
  text(find(".fault"), request.fault ? `fault: ${request.fault}` : "");
  text(find(".code"), code === null ? "…" : code === 0 ? "lost" : String(code));
  return row;
}

function matters(request) {
  return request.fault !== undefined || (request.status ?? (request.answered ? 0 : 200)) >= 400
    || (request.answered && request.status === undefined);
}

function forget(keyed, keys) {
  const known = new Set(keys);
  for (const key of keyed.keys()) if (!known.has(key)) keyed.delete(key);
}

function show(state) {
  if (service !== state.service) {
    service = state.service;
    rows.clear();
  }
  text(element("published"), String(state.totals.published));
  text(element("underway"), String(state.totals.underWay));
  text(element("failed"), String(state.totals.failed));
  text(element("total"), String(state.totals.requests));
  text(element("faulty"), String(state.totals.faults));
  text(element("servers"), state.totals.queued ? `${state.totals.servers} +${state.totals.queued}` : String(state.totals.servers));
  const all = state.totals.published + state.totals.underWay + state.totals.failed;
  text(element("shown"), state.found === all ? "" : `${state.found} of ${all}`);
  page = state.page;
  element("tools").hidden = all === 0;
  element("pages").hidden = state.pages < 2;
  text(element("page"), `page ${state.page + 1} of ${state.pages}`);
  element("before").disabled = state.page === 0;
  element("after").disabled = state.page + 1 >= state.pages;
  arrange(element("grid"), state.clips.map(showClip));
  forget(cards, state.clips.map(clip => clip.id));
  element("no-clips").hidden = all > 0;
  const requests = state.requests.filter(request => !only.checked || matters(request)).reverse();
  arrange(element("rows"), requests.map(showRequest));
  forget(rows, state.requests.map(request => request.number));
  element("no-requests").hidden = requests.length > 0;
  arrange(element("rules"), state.rules.map(rule => {
    const item = document.createElement("li");
    item.textContent = `${rule.name}: ${rule.applied} of ${rule.calls}`;
    return item;
  }));
}

async function poll() {
  let words = ["live", "live"];
  try {
    const wish = new URLSearchParams({ find: element("find").value, order: element("order").value, page: String(page) });
    const answer = await fetch(`/_page/state?${wish}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
  } catch {
    words = ["lost", "not answering"];
  }
  document.body.className = words[0];
  text(element("link"), words[1]);
}

let isPolling = false;
async function turn() {
  if (isPolling || document.hidden) return;
  isPolling = true;
  await poll();
  isPolling = false;
}

// An answer that is under way is of the wish before.
let isAgain = false;
async function again() {
  if (isPolling) { isAgain = true; return; }
  await turn();
  if (isAgain) { isAgain = false; await again(); }
}

function go(step) {
  page = Math.max(0, page + step);
  element("clips").scrollIntoView();
  again();
}

only.addEventListener("change", turn);
element("find").addEventListener("input", () => { page = 0; again(); });
element("order").addEventListener("change", () => { page = 0; again(); });
element("tools").addEventListener("submit", event => event.preventDefault());
element("before").addEventListener("click", () => go(-1));
element("after").addEventListener("click", () => go(1));
document.addEventListener("visibilitychange", turn);
setInterval(turn, 1000);
turn();
