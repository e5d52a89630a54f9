"use strict";
// The page is whole without this: it sorts and filters tables, and folds and unfolds call trees.

function valueOf(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent.trim();
  return text !== "" && !isNaN(text) ? Number(text) : text;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.textContent === "") return;
    const button = document.createElement("button");
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}

for (const tree of document.querySelectorAll("details.tree")) {
  const nodes = tree.querySelectorAll("li details");
  if (nodes.length === 0) continue;
  const tools = document.createElement("p");
  tools.className = "tools";
  for (const [name, open] of [["Unfold all", true], ["Fold all", false]]) {
    const button = document.createElement("button");
    button.textContent = name;
    button.addEventListener("click", () => nodes.forEach((node) => { node.open = open; }));
    tools.append(button, " ");
  }
  tree.querySelector("summary").after(tools);
}

// A filter over the rows, which opens what is folded.
const rows = [...document.querySelectorAll("table.rows tbody tr")];
if (rows.length > 1) {
  const filter = document.createElement("p");
  filter.className = "filter";
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = "Search";
  search.setAttribute("aria-label", "Search the rows");
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", "Show");
  const words = rows.map((row) => [...row.querySelectorAll("[data-title=verdict] > span, .matrix b")].map((e) => e.firstChild.data?.split(" ")[0]));
  for (const word of ["all", ...[...new Set(words.flat())].filter((word) => word).sort()]) choice.add(new Option(word));
  const count = document.createElement("output");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const wanted = search.value.toLowerCase().split(/\s+/);
    const word = choice.selectedIndex > 0 && choice.value;
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = word && !words[i].includes(word) || !wanted.every((part) => texts[i].includes(part));
      shown += row.hidden ? 0 : 1;
    });
    if (word || search.value) document.querySelectorAll("#changes details").forEach((part) => { part.open = true; });
    count.textContent = shown + " of " + rows.length;
  };
  search.addEventListener("input", apply);
  choice.addEventListener("change", apply);
  filter.append(search, choice, count);
  document.querySelector("#changes h2").after(filter);
  apply();
}

// A link to a tree or a scenario opens it, and what it is in.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  for (let part = target; part; part = part.parentElement.closest("details")) part.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();

// What is folded is not printed. Of details with one name only one is open.
addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.tree)").forEach((part) => {
  part.removeAttribute("name");
  part.open = true;
}));
