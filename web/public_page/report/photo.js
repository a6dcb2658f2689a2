// A photo made small and drawn anew, so that nothing of where and with what it was taken is left in it.
const MOST_PX = 1280;
const QUALITY = 0.8;

/** The photo as an address that holds it, at most 1280 px; fails where the file is no picture. */
export function shrunk(file) {
  return new Promise((done, failed) => {
    const source = URL.createObjectURL(file);
    const picture = new Image();
    picture.onerror = () => {
      URL.revokeObjectURL(source);
      failed(new Error("no picture"));
    };
    picture.onload = () => {
      URL.revokeObjectURL(source);
      done(redrawn(picture));
    };
    picture.src = source;
  });
}

function redrawn(picture) {
  const share = Math.min(1, MOST_PX / Math.max(picture.naturalWidth, picture.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.naturalWidth * share));
  canvas.height = Math.max(1, Math.round(picture.naturalHeight * share));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", QUALITY);
}

/** The bytes of such an address. */
export function bytesOf(address) {
  const text = atob(address.split(",")[1]);
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type: "image/jpeg" });
}
