// Filter and order of the clips; without it all of them are there, in the order of their names.
const form = document.querySelector("form");
const list = document.querySelector("#clips");
const items = [...list.children];
const count = document.querySelector("#count");
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
function show() {
  const { text, state, order } = Object.fromEntries(new FormData(form));
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const content = item.textContent.toLowerCase();
    const fits = (!state || item.dataset.state === state) && words.every((word) => content.includes(word));
    item.hidden = !fits;
    shown += fits;
  }
  const value = (item) => Number(item.dataset[order] || 0);
  const ordered = order === "name" ? items : [...items].sort((a, b) => value(b) - value(a));
  list.append(...ordered);
  count.textContent = `${shown} of ${items.length} shown`;
}
form.addEventListener("input", show);
show();
