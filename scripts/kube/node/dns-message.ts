/** The part of a DNS query that is answered: one question. */
export interface Question {
  readonly id: number;
  /** In lower case, without the dot at the end. */
  readonly name: string;
  readonly type: number;
  /** The question as it came, which the answer repeats: some clients compare its letters' case. */
  readonly bytes: Buffer;
  readonly recursionDesired: boolean;
}

/** What a name leads to. `failed`: that could not be found out, and the client may ask again. */
export type Resolution =
  | { readonly is: 'known'; readonly addresses: readonly string[] }
  | { readonly is: 'unknown' }
  | { readonly is: 'failed' };

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const TTL_SECONDS = 2;
/** An answer without EDNS must not be longer than 512 bytes. */
const MOST_ADDRESSES = 24;
const codes = { known: 0, failed: 2, unknown: 3 } as const;

/** Reads a query; nothing for what is none, or asks other than exactly one question. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(2);
  const isQuery = (flags & 0xf800) === 0;
  if (!isQuery || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    // A length of 64 or more is a pointer, which a question has no use for.
    if (length === undefined || length >= 64) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString('latin1', at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.'),
    type: message.readUInt16BE(at),
    bytes: message.subarray(HEADER_BYTES, at + 4),
    recursionDesired: (flags & 0x0100) !== 0,
  };
}

/** Writes the answer. Only IPv4 addresses are told; a known name has nothing of other types. */
export function writeAnswer(question: Question, resolution: Resolution): Buffer {
  const isAsked = question.type === TYPE_A && resolution.is === 'known';
  const addresses = isAsked ? resolution.addresses.slice(0, MOST_ADDRESSES) : [];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  const flags = 0x8480 | (question.recursionDesired ? 0x0100 : 0) | codes[resolution.is];
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, question.bytes, ...addresses.map(addressRecord)]);
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  // The name is the question's, which begins right behind the header.
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  for (const [index, byte] of address.split('.').entries()) record[12 + index] = Number(byte);
  return record;
}
