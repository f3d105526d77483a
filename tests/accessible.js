// What axe-core finds serious or critical in a page, as tests/test_browser.py shows it: a list of
// sentences, and the kinds of text that the page has. Contrast is a question of colours and sizes,
// so it is asked once for each kind, and not for those that were `seen` on another page. This takes
// a tenth of the time. The other rules are asked where `all`.
async ([all, seen]) => {
  const backgrounds = new Map([[null, ""]]);
  const behind = (element) => {
    if (!backgrounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const plain = own === "rgba(0, 0, 0, 0),none,1";
      backgrounds.set(element, behind(element.parentElement) + (plain ? "" : own));
    }
    return backgrounds.get(element);
  };
  const kinds = new Map();
  for (const element of document.querySelectorAll("body, body *:not(mjx-container *)")) {
    const bearsText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!bearsText || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const kind = [color, fontSize, fontWeight, behind(element)].join();
    if (!(kinds.get(kind)?.childElementCount <= element.childElementCount)) kinds.set(kind, element);
  }

  const common = { resultTypes: ["violations"], preload: false }; // which asks for files
  const texts = [...kinds].filter(([kind]) => !seen.includes(kind)).map(([, element]) => element);
  const ofColours = ["color-contrast", "link-in-text-block"];
  const found = [];
  if (texts.length) {
    found.push(...(await axe.run({ include: texts }, { ...common, runOnly: ofColours })).violations);
  }
  if (all) {
    const parts = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"];
    const asked = [...ofColours, "hidden-content"]; // which finds nothing, but proposes what to look at
    const rules = Object.fromEntries(asked.map((rule) => [rule, { enabled: false }]));
    found.push(...(await axe.run({ ...common, runOnly: parts, rules })).violations);
  }
  const sentences = found
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
      return `${id}: ${html.replace(/\s+/g, " ").slice(0, 150)} (${why.slice(0, 200)})`;
    }));
  return [sentences, [...kinds.keys()]];
}
