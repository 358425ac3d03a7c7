"use strict";
// Filter and order of the clips. Without it the page shows all of them, by name.
const list = document.getElementById("list");
const clips = [...list.children].map((node, index) => ({
  node, index, state: node.dataset.state,
  seconds: Number(node.dataset.seconds ?? -1), bytes: Number(node.dataset.bytes ?? -1),
}));
// Read at the first search only: there may be many thousands.
const textOf = (clip) => (clip.text ??= clip.node.textContent.toLowerCase());
const [search, state, order, shown] = ["search", "state", "order", "shown"].map((id) => document.getElementById(id));
const ranks = ["failed", "skipped", "ready", "uploaded", "published"];
const orders = {
  index: (a, b) => a.index - b.index,
  state: (a, b) => ranks.indexOf(a.state) - ranks.indexOf(b.state) || a.index - b.index,
  seconds: (a, b) => b.seconds - a.seconds || a.index - b.index,
  bytes: (a, b) => b.bytes - a.bytes || a.index - b.index,
};
let last = "index";
function update() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const clip of clips) {
    const fits = (!state.value || clip.state === state.value) && words.every((word) => textOf(clip).includes(word));
    clip.node.hidden = !fits;
    count += fits;
  }
  if (order.value !== last) {
    last = order.value;
    list.append(...[...clips].sort(orders[last]).map((clip) => clip.node));
  }
  shown.textContent = count === clips.length ? `${count} shown` : `${count} of ${clips.length} shown`;
}
document.getElementById("controls").hidden = false;
search.addEventListener("input", update);
state.addEventListener("change", update);
order.addEventListener("change", update);
// A browser may have kept what was chosen before.
if (search.value || state.value || order.value !== last) update();
else shown.textContent = `${clips.length} shown`;
