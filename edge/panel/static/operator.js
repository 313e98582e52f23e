// The operator's page. It knows nothing by itself: facts come by a stream that needs the PIN, and orders go to lifecert-edge.
const LEAVE_AFTER_MS = 120000;
const at = (id) => document.getElementById(id);
let stream = null, leaving = null;

async function ask(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.ok ? null : (await answer.json()).error;
}

function say(box, zh, en) {
  const english = document.createElement("span");
  english.lang = "en";
  english.textContent = ` ${en}`;
  box.replaceChildren(zh, english);
}

function keypad() {
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "✓"];
  at("keys").replaceChildren(...keys.map((key) => {
    const made = document.createElement("button");
    made.type = key === "✓" ? "submit" : "button";
    made.textContent = key;
    if (key === "✓") { made.className = "go"; made.setAttribute("aria-label", "确定 Enter"); }
    if (key === "⌫") made.setAttribute("aria-label", "删除 Delete");
    if (made.type === "button") made.addEventListener("click", () => type(key));
    return made;
  }));
}

function type(key) {
  const digits = at("digits");
  digits.value = key === "⌫" ? digits.value.slice(0, -1) : (digits.value + key).slice(0, digits.maxLength);
}

at("pin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const pin = at("digits").value;
  at("digits").value = "";
  const error = await ask("/operator/enter", { pin });
  if (error === null) { at("told").replaceChildren(); open(); } else refused(error);
});

function refused(error) {
  const wait = error.wait_s ? [` ${error.wait_s} 秒后再试。`, ` Try again in ${error.wait_s} seconds.`] : ["", ""];
  if (error.code === "pin_refused") say(at("told"), `密码不对，或者还没有设置。${wait[0]}`, `The PIN is wrong, or none is set.${wait[1]}`);
  else if (error.code === "pin_wait") say(at("told"), `试得太多了。${wait[0]}`, `Too many tries.${wait[1]}`);
  else say(at("told"), "现在不能进入。", error.message);
}

function open() {
  stream?.close();
  stream = new EventSource("/operator/stream");
  stream.addEventListener("open", () => shown(true));
  stream.addEventListener("condition", (event) => { at("absent").hidden = true; fill(JSON.parse(event.data)); });
  stream.addEventListener("gone", () => { at("absent").hidden = false; fill({ facts: [], findings: [] }); });
  stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) shown(false); });
}

function shown(inside) {
  at("entry").hidden = inside;
  at("desk").hidden = at("leave").hidden = !inside;
  if (!inside) fill({ facts: [], findings: [] });
}

function fill(rows) {
  at("facts").replaceChildren(...rows.facts.flatMap(pair));
  at("findings").replaceChildren(...rows.findings.flatMap(pair));
  at("of-findings").hidden = rows.findings.length === 0;
  const volume = rows.facts.find((row) => row.name === "volume");
  if (volume && document.activeElement !== at("volume")) at("volume").value = parseInt(volume.value, 10);
  if (volume) at("loudness").textContent = volume.value;
}

function pair(row) {
  const name = document.createElement("dt"), value = document.createElement("dd");
  if (row.zh === row.en) name.textContent = row.en; else say(name, row.zh, row.en);
  value.textContent = row.value;
  if (row.value.startsWith("BAD")) value.className = "bad";
  if (/^ok\b/.test(row.value)) value.className = "good";
  return [name, value];
}

async function order(word) {
  const error = await ask("/operator/order", { order: word });
  if (error === null) say(at("answer"), "已经开始。", "Under way.");
  else if (error.code === "pin_needed") shown(false);
  else say(at("answer"), "现在不能做。", error.message);
}

for (const made of document.querySelectorAll("[data-order]")) made.addEventListener("click", () => order(made.dataset.order));
at("volume").addEventListener("change", () => order(`VOLUME:${at("volume").value}`));
at("leave").addEventListener("click", async () => { await ask("/operator/leave", {}); location.assign("/"); });

// Nobody leaves this page open: after two minutes without a touch the screen belongs to the visitors again.
function stay() {
  clearTimeout(leaving);
  leaving = setTimeout(() => location.assign("/"), LEAVE_AFTER_MS);
}
for (const name of ["pointerdown", "keydown"]) addEventListener(name, stay);

keypad();
stay();
open();
