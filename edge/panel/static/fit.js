// Makes the words as large as the screen allows, and never smaller than the style's least size.
import { markMore, unmark } from "./reading.js";

const SMALLEST = 0.62, STEP = 0.04;
const root = document.documentElement;
const words = document.getElementById("words");
const list = document.getElementById("lines");

export function fit() {
  unmark();
  for (const name of ["tight", "tightest"]) document.body.classList.remove(name);
  let scale = 1;
  setScale(scale);
  while (!(fits() && list.scrollHeight <= list.clientHeight + 1) && scale > SMALLEST) setScale((scale -= STEP));
  for (const name of ["tight", "tightest"]) if (!fits()) document.body.classList.add(name);
  markMore();
}

function setScale(scale) {
  root.style.setProperty("--fit", scale.toFixed(2));
  for (const text of words.querySelectorAll("h1, p, li")) {
    text.classList.add("whole");
    if (text.scrollWidth > text.clientWidth) text.classList.remove("whole");
  }
}

function fits() {
  if (!words.checkVisibility()) return true;
  const end = words.getBoundingClientRect().bottom - parseFloat(getComputedStyle(words).paddingBottom);
  return words.scrollWidth <= words.clientWidth && [...words.children].every((part) => part.getBoundingClientRect().bottom <= end + 1);
}
