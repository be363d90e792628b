/**
 * Container logs come as frames: one byte for the stream, three empty, four for the length, then the text.
 */

const HEADER = 8;

/** The text of both streams, in the order in which it came; a cut last frame is kept as far as it goes. */
export function demultiplex(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + HEADER, at + HEADER + length));
    at += HEADER + length;
  }
  return Buffer.concat(parts).toString('utf8');
}
