// The time that is left for a view. The page has no clock of the unit: it is told the seconds, and counts from there.
const ring = document.getElementById("left");
const box = document.getElementById("countdown");
const words = document.getElementById("seconds");
let ticking = null, whole = 0;

export function countDown(left_s, again) {
  clearInterval(ticking);
  box.hidden = left_s === null;
  if (left_s === null) return;
  if (!again || left_s > whole) whole = left_s;
  const end = performance.now() + left_s * 1000;
  const tick = () => {
    const left = Math.max(0, (end - performance.now()) / 1000);
    words.textContent = String(Math.ceil(left));
    ring.style.strokeDasharray = `${whole > 0 ? left / whole : 0} 2`;
    if (left === 0) clearInterval(ticking);
  };
  tick();
  ticking = setInterval(tick, 250);
}
