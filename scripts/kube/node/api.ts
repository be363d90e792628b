import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { KeyPair } from '../certificates.ts';

const TIMEOUT_MS = 5_000;

/** Reads from the API server, as a client with a certificate. */
export class Api {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, authority: string, client: KeyPair) {
    this.#url = url;
    this.#agent = new Agent({
      keepAlive: true,
      ca: readFileSync(authority),
      cert: readFileSync(client.certificate),
      key: readFileSync(client.key),
    });
  }

  /**
   * The body of the answer, or nothing when the server says that there is no such thing.
   *
   * @throws Error when it does not answer, or answers with another error.
   */
  async read(path: string): Promise<string | undefined> {
    const { status, text } = await this.#get(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return text;
  }

  #get(path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, timeout: TIMEOUT_MS };
      const asked = get(`${this.#url}${path}`, options, (answer) => {
        const status = answer.statusCode ?? 0;
        buffer(answer).then((bytes) => resolve({ status, text: bytes.toString() }), reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`${path}: no answer`)));
      asked.on('error', reject);
    });
  }
}
