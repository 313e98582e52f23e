// The screen page: shows what lifecert-edge says. All words come with the view; this script chooses icon and lay-out only.
import { startMirror, stopMirror } from "./mirror.js";
import { countDown } from "./countdown.js";
import { read, stopReading } from "./reading.js";
import { fit } from "./fit.js";

const VISIT = new Set(["look", "hold", "action"]);
const LANGUAGE = "LANGUAGE:";
const GONE_AFTER_MS = 4000;
const CORNER_PX = 96, OPERATOR_AFTER_MS = 3000;

const at = (id) => document.getElementById(id);
const symbols = [...document.querySelectorAll("#icons symbol")];
const byCode = new Map(symbols.flatMap((symbol) => (symbol.dataset.codes ?? "").split(" ").map((code) => [code, symbol])));
const byMood = new Map(symbols.filter((symbol) => symbol.dataset.mood).map((symbol) => [symbol.dataset.mood, symbol]));
let shown = null, before = null;

function draw(svg, symbol) {
  svg.replaceChildren(...(symbol ? [...symbol.cloneNode(true).childNodes] : []));
}

function show(view) {
  const again = shown !== null && shown.code === view.code;
  before = shown;
  shown = view;
  document.documentElement.lang = view.language;
  document.body.dataset.mood = view.mood;
  document.body.dataset.code = view.code;
  const visit = VISIT.has(view.mood);
  // How it ended is told by its mood: a tick, or who helps now; what is wrong on the way, by its own icon.
  const symbol = byCode.get(view.code) ?? byMood.get(view.mood) ?? byMood.get("look");
  draw(at("emblem"), visit ? null : symbol);
  draw(at("icon"), visit ? symbol : null);
  at("title").textContent = view.title;
  at("remedy").textContent = view.remedy;
  if (sameOffer(view)) for (const made of document.querySelectorAll("button")) made.dataset.view = view.number;
  else offer(view.choices, visit);
  read(view.lines);
  if (!again) progress(0);
  countDown(view.left_s, again);
  if (visit) startMirror(); else stopMirror();
  fit();
}

// A button stays under the finger that is on it while only the words beside it change; a question has its own buttons each time.
function sameOffer(view) {
  const offers = (one) => JSON.stringify([VISIT.has(one.mood), one.choices]);
  return before !== null && view.mood !== "consent" && before.mood !== "consent" && offers(before) === offers(view);
}

// What is agreed to or stopped stands below the words; the languages too during a visit, else below the emblem.
function offer(choices, visit) {
  const ordinary = choices.filter((choice) => !choice.code.startsWith(LANGUAGE));
  const beside = visit ? [] : choices.filter((choice) => choice.code.startsWith(LANGUAGE));
  at("tongues").replaceChildren(...beside.map((choice) => button(choice, ordinary)));
  at("choices").replaceChildren(...choices.filter((choice) => !beside.includes(choice)).map((choice) => button(choice, ordinary)));
  at("choices").classList.toggle("apart", choices.length > beside.length);
}

function button(choice, ordinary) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.choice = choice.code;
  made.dataset.view = shown.number;
  made.textContent = choice.words;
  if (choice.code.startsWith(LANGUAGE)) {
    made.className = "language";
    made.lang = choice.code.slice(LANGUAGE.length);
    const globe = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    globe.setAttribute("viewBox", "0 0 96 96");
    globe.setAttribute("aria-hidden", "true");
    draw(globe, at("icon-globe"));
    made.prepend(globe);
  } else if (choice.code === "CANCEL") {
    made.className = "quiet";
  } else if (choice === ordinary[0]) {
    made.className = "first";
  }
  made.addEventListener("click", () => touch(made));
  return made;
}

async function touch(made) {
  if (made.classList.contains("touched")) return;
  made.classList.add("touched");
  try {
    await fetch("/touch", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ choice: made.dataset.choice, view: Number(made.dataset.view) }),
    });
  } catch {
    // The panel itself is gone: the stream says so.
  }
  setTimeout(() => made.classList.remove("touched"), 1000);
}

function progress(done) {
  at("done").style.strokeDasharray = `${done} 2`;
  at("done").classList.toggle("none", done === 0);
}

function gone() {
  shown = null;
  document.body.dataset.mood = "gone";
  document.body.dataset.code = "GONE";
  at("title").textContent = "";
  at("remedy").textContent = "";
  offer([], false);
  stopReading();
  countDown(null, false);
  stopMirror();
  draw(at("emblem"), at("icon-wait"));
  fit();
}

function listen() {
  let losing = null;
  const stream = new EventSource("/stream");
  const on = (name, then) => stream.addEventListener(name, (event) => then(JSON.parse(event.data)));
  on("view", show);
  on("gone", gone);
  on("progress", (body) => progress(body.done));
  stream.addEventListener("open", () => { clearTimeout(losing); losing = null; });
  stream.addEventListener("error", () => {
    losing ??= setTimeout(gone, GONE_AFTER_MS);
    if (stream.readyState === EventSource.CLOSED) { clearTimeout(losing); gone(); setTimeout(listen, 1000); }
  });
}

// Staff reach their page by a long press into the upper left corner.
let pressing = null;
addEventListener("pointerdown", (event) => {
  if (event.clientX < CORNER_PX && event.clientY < CORNER_PX) pressing = setTimeout(() => location.assign("/operator"), OPERATOR_AFTER_MS);
});
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => clearTimeout(pressing));
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("resize", fit);

gone();
listen();
