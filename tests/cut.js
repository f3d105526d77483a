// What a reader cannot see of a page, run in it by tests/test_browser.py: a list of sentences.
// Where `mayScroll`, something may be wider than the column if its box scrolls and shows so.
(mayScroll) => {
  const article = document.querySelector("article.bd-article");
  const problems = new Set();

  const style = (element) => getComputedStyle(element);
  const cropped = (words) => words.replace(/\s+/g, " ").trim().slice(0, 50);
  const name = (element) => {
    const formula = element.closest("mjx-container")?.querySelector("math");
    const words = cropped((formula ?? element).textContent || element.alt || "");
    return `“${words}” under #${element.closest("section[id]")?.id}`;
  };
  // Shadows at the edges, which style.css makes of backgrounds that stay while others scroll.
  const scrollsVisibly = (box) => mayScroll && style(box).backgroundAttachment.includes("local");

  // How far a part reaches out of the boxes around it that clip, the column of text among them.
  const look = (kind, element, part) => {
    let { left, right } = part;
    let inScroller = false;
    const start = element.matches("mjx-container") ? element : element.parentElement;
    for (let box = start; ; box = box.parentElement) {
      const { overflowX, display } = style(box);
      if ((overflowX !== "visible" && display !== "inline") || box === article) {
        const edge = box.getBoundingClientRect().left + box.clientLeft;
        const cut = Math.max(right - edge - box.clientWidth, edge - left);
        if (cut > 1.5) {
          const scrolls = ["auto", "scroll"].includes(overflowX) && scrollsVisibly(box);
          if (!scrolls) {
            const by = box.className || box.localName;
            problems.add(`${kind}: ${Math.round(cut)} px of ${name(element)} are cut by ${by}`);
            return;
          }
          left = Math.max(left, edge);
          right = Math.min(right, edge + box.clientWidth);
        }
      }
      if (box === article) return;
    }
  };

  for (const formula of article.querySelectorAll("mjx-container")) {
    const kind = formula.getAttribute("display") ? "formula" : "formula in a line";
    if (!formula.checkVisibility()) continue; // such as the head of a column in each cell of it
    // A formula that is broken where lines end has several drawings.
    for (const drawing of formula.querySelectorAll(":scope > svg > g")) {
      look(kind, formula, drawing.getBoundingClientRect());
    }
  }
  const kinds = { table: "table", figure: "img, video, canvas", code: "pre" };
  for (const [kind, selector] of Object.entries(kinds)) {
    for (const element of article.querySelectorAll(selector)) {
      look(kind, element, element.getBoundingClientRect());
    }
  }
  for (const element of article.querySelectorAll("p, li, dt, dd, figcaption, code, h1, h2, h3")) {
    for (const line of element.getClientRects()) look("text", element, line);
  }

  for (const box of article.querySelectorAll("pre")) {
    const cut = box.scrollWidth - box.clientWidth;
    if (cut > 1 && !scrollsVisibly(box)) problems.add(`code: ${cut} px of ${name(box)} are cut`);
  }
  for (const box of article.querySelectorAll("*")) {
    if (box.closest("svg, mjx-assistive-mml") || box.clientWidth === 0) continue;
    const { overflowX, overflowY } = style(box);
    const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
    if (scrolls(overflowY) && box.scrollHeight > box.clientHeight + 1) {
      problems.add(`scroll bar at the side of ${name(box)}, ${box.clientHeight} px high`);
    }
    if (scrolls(overflowX) && box.scrollWidth > box.clientWidth && box.clientWidth < 100) {
      problems.add(`scroll bar below ${name(box)}, ${box.clientWidth} px wide`);
    }
  }

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    problems.add(`the page is ${scrollWidth - clientWidth} px wider than the screen`);
  }
  return [...problems];
}
