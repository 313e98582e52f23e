// What may be read at leisure. Where it is longer than the screen it turns its own pages, for who cannot touch; a touch stops that.
const PAGE_MS = 7000, REST_MS = 30000;
const box = document.getElementById("reading");
const list = document.getElementById("lines");
let turning = null, touchedAt = -REST_MS;

export function read(lines) {
  const same = lines.length === list.children.length && lines.every((line, at) => list.children[at].textContent === line);
  box.hidden = lines.length === 0;
  if (same) return;
  list.replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.append(...pieces(line));
    return item;
  }));
  list.scrollTop = 0;
  touchedAt = -REST_MS;
  clearInterval(turning);
  turning = setInterval(turn, PAGE_MS);
}

// Dates and times are not broken at their hyphens.
function pieces(line) {
  return line.split(/(\d[\d:–-]*[–-][\d:–-]*\d)/).map((piece, at) => {
    if (at % 2 === 0) return piece;
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = piece;
    return number;
  });
}

export function stopReading() {
  read([]);
  clearInterval(turning);
}

// The mark takes room: that of the lines before is not there while these are measured.
export function unmark() {
  box.classList.remove("below");
}

export function markMore() {
  const longer = list.scrollHeight > list.clientHeight + 1;
  if (longer) list.tabIndex = 0; else list.removeAttribute("tabindex");
  box.classList.toggle("below", longer && list.scrollTop + list.clientHeight < list.scrollHeight - 2);
}

function turn() {
  if (performance.now() - touchedAt < REST_MS) return;
  const end = list.scrollTop + list.clientHeight;
  const cut = [...list.children].find((item) => item.offsetTop - list.offsetTop + item.offsetHeight > end + 1);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  list.scrollTo({ top: cut ? cut.offsetTop - list.offsetTop : 0, behavior: calm ? "auto" : "smooth" });
}

list.addEventListener("scroll", markMore);
for (const name of ["pointerdown", "wheel", "keydown", "focus"]) list.addEventListener(name, () => { touchedAt = performance.now(); });
