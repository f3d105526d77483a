// Where the Tab key has led to: what kind of thing, and the rectangle around it that is on screen.
async () => {
  const element = (window.stop = document.activeElement);
  if (!element || element === document.body) return null;
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const own = element.getBoundingClientRect(); // none where only the arrow inside has a size
  const box = own.width * own.height ? own : element.firstElementChild.getBoundingClientRect();
  const { left, top, right, bottom } = box;
  const x = Math.max(0, left - 8), y = Math.max(0, top - 8);
  const width = Math.min(innerWidth, right + 8) - x, height = Math.min(innerHeight, bottom + 8) - y;
  return {
    kind: `${element.localName}.${element.className}`,
    inFormula: !!element.closest("mjx-container"),
    onScreen: width > 16 && height > 16 ? { x, y, width, height } : null,
  };
}
