/* Where the bytes of a city come from: parts of files beside the page, or blocks of the page itself. */
import { gunzipSync } from "fflate";

/* A file of which a server gives parts. One that gives only the whole is kept, and `told` that it was so. */
export class FileSource {
  constructor(name, told, get = (...asked) => fetch(...asked)) {
    Object.assign(this, { name, told, get, bytes: null, asking: null });
  }

  getKey() {
    return this.name;
  }

  async getBytes(offset, length, signal) {
    if (this.asking) await this.asking;
    if (this.bytes) return { data: this.bytes.slice(offset, offset + length) };
    const answer = await this.get(this.name, { signal, headers: { Range: `bytes=${offset}-${offset + length - 1}` } });
    if (answer.status === 206) return { data: await answer.arrayBuffer() };
    if (!answer.ok) throw new Error(`${this.name}: ${answer.status}`);
    this.told();
    this.asking = answer.arrayBuffer().then((bytes) => { this.bytes = bytes; }).finally(() => { this.asking = null; });
    await this.asking;
    return { data: this.bytes.slice(offset, offset + length) };
  }
}

/* A block of the page, as base64. */
export class BlockSource {
  constructor(name, text) {
    Object.assign(this, { name, bytes: fromBase64(text).buffer });
  }

  getKey() {
    return this.name;
  }

  async getBytes(offset, length) {
    return { data: this.bytes.slice(offset, offset + length) };
  }
}

export const fromBase64 = (text) => {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
};

/* Text of bytes, packed by gzip unless a server unpacked them on the way. */
export const textOf = (bytes) => {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(packed ? gunzipSync(bytes) : bytes);
};
