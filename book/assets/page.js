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

addEventListener("load", async () => {
  // A solution's button is named after the solution.
  for (const button of document.querySelectorAll("button.toggle-button")) {
    button.ariaLabel = button.closest(".admonition-title").textContent.trim();
  }

  // What scrolls can be reached by keyboard, and what does not takes no stop of the Tab key.
  await window.MathJax?.startup?.promise;
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scrolls =
        target.scrollWidth > target.clientWidth && getComputedStyle(target).overflowX === "auto";
      if (scrolls) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const boxes = "div.math, figure, pre, .cell_output .output, .pst-scrollable-table-container";
  for (const box of document.querySelectorAll(boxes)) observer.observe(box);
});
