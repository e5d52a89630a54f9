"use strict";
// The page is whole without this: it sorts tables, and folds and unfolds call trees.

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

// A link to a tree opens it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

// What is folded is not printed.
addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.tree)").forEach((part) => { part.open = true; }));
