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
