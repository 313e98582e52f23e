// The mirror: pictures are drawn and forgotten. It is asked for only while it is on the screen.
const STALE_AFTER_MS = 2000;
const canvas = document.getElementById("mirror");
let stream = null, stale = null;

export function startMirror() {
  if (stream !== null) return;
  stream = new EventSource("/mirror");
  stream.addEventListener("mirror", (event) => reflect(JSON.parse(event.data).jpeg));
}

export function stopMirror() {
  stream?.close();
  stream = null;
  wipe();
}

async function reflect(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  let picture;
  try {
    picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  } catch {
    return; // Half a picture is no picture.
  }
  if (stream !== null) {
    if (canvas.width !== picture.width || canvas.height !== picture.height) [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d").drawImage(picture, 0, 0);
    document.body.classList.add("mirrored");
    clearTimeout(stale);
    stale = setTimeout(wipe, STALE_AFTER_MS);
  }
  picture.close();
}

function wipe() {
  clearTimeout(stale);
  [canvas.width, canvas.height] = [0, 0];
  document.body.classList.remove("mirrored");
}
