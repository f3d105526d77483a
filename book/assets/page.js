// The theme's script writes to the console that it was given no mode, unless there is one.
document.documentElement.dataset.mode ||= "auto";

// Paper is white: a page that is read in the dark is printed in the light theme's colours.
addEventListener("beforeprint", () => {
  const { dataset } = document.documentElement;
  dataset.onScreen = dataset.theme;
  dataset.theme = "light";
});
addEventListener("afterprint", () => {
  const { dataset } = document.documentElement;
  dataset.theme = dataset.onScreen;
});

// Search shows lines of the pages it found. From the file system it may not read them.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Where the cells of a row stand below each other, as they do on a phone, each says what its column
// is. MathJax then draws the formulas of both.
addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll(".pst-scrollable-table-container > table")) {
    if (table.tHead?.rows.length !== 1 || table.closest("#the-source-checked")) continue;
    table.dataset.stacks = "";
    for (const { cells } of table.tBodies[0].rows) {
      for (const cell of cells) {
        const head = document.createElement("span");
        head.className = "head";
        head.innerHTML = table.tHead.rows[0].cells[cell.cellIndex]?.innerHTML ?? "";
        for (const link of head.querySelectorAll("a")) link.replaceWith(...link.childNodes);
        for (const paragraph of head.querySelectorAll("p")) {
          paragraph.replaceWith(...paragraph.childNodes);
        }
        for (const named of head.querySelectorAll("[id]")) named.removeAttribute("id");
        if (head.textContent.trim()) cell.prepend(head);
      }
    }
  }
});

const phone = matchMedia("(max-width: 40rem)");
const WHOLE = 0.996; // a pixel of a phone's column is none
const SMALLEST = 0.75; // size of a formula on a phone, where the text's is 1

const scrolls = (box) =>
  box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === "auto";

const size = (box) => parseFloat(box.style.fontSize || 1); // in em

// A table of words that does not fit is stacked, and a formula that nearly fits is made to. All is
// measured before anything is changed, so that the page is laid out once a round, not for each box.
const fit = (boxes) => {
  const tables = boxes.map((box) => box.querySelector(":scope > table[data-stacks]"));
  for (const table of tables) table?.classList.remove("stacked");
  const formulas = boxes.filter((box) => box.matches("div.math"));
  for (const box of formulas) box.style.fontSize = "";
  if (!phone.matches) return;
  const wide = boxes.map(scrolls);
  const sizes = formulas.map((box) => (box.clientWidth - 1) / box.scrollWidth);
  tables.forEach((table, i) => table?.classList.toggle("stacked", wide[i]));
  formulas.forEach((box, i) => {
    if (sizes[i] < WHOLE) box.style.fontSize = `${Math.max(sizes[i], SMALLEST)}em`;
  });
  // MathJax counts in `ex`, which Chromium rounds to whole pixels: one division need not be enough.
  for (let round = 0; round < 6; round++) {
    const left = formulas.filter((box) => scrolls(box) && size(box) > SMALLEST);
    for (const box of left) box.style.fontSize = `${Math.max(size(box) - 0.04, SMALLEST)}em`;
  }
};

addEventListener("load", async () => {
  // A solution's button is named after the solution.
  for (const button of document.querySelectorAll("button.toggle-button")) {
    button.ariaLabel = button.closest(".admonition-title").textContent.trim();
  }

  // What scrolls can be reached by keyboard, and what does not takes no stop of the Tab key.
  await window.MathJax?.startup?.promise;
  const observer = new ResizeObserver((entries) => {
    requestAnimationFrame(() => {
      const boxes = entries.map(({ target }) => target);
      fit(boxes);
      const wide = boxes.map(scrolls);
      boxes.forEach((box, i) => {
        box.classList.toggle("scrolls", wide[i]);
        if (wide[i]) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
      });
    });
  });
  const boxes = "div.math, figure, pre, .cell_output .output, .pst-scrollable-table-container";
  for (const box of document.querySelectorAll(boxes)) observer.observe(box);
});
