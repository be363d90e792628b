/**
 * A small good deployment file, and what loading a changed one says; each file in a folder of its own, removed at the end.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { BelayError } from '../domain/errors.ts';
import { loadDeployment } from './load-deployment.ts';

/** Folder of all the folders; set before the first test. */
export let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-config-'));
});
afterAll(() => rm(root, { recursive: true }));

export const GOOD = `
name: acme
target:
  compose:
    directory: ../shop
    components: {app: {image: registry.example.com:5000/shop/app}}
version: {file: /app/.version}
backup: {skip: nothing is stored}
health: {url: "http://localhost:3000/health"}
`;

let folders = 0;

/** Writes `text` as the file of acme in a new folder. */
export async function folderWith(text: string | Uint8Array, file = 'acme.yaml'): Promise<string> {
  const folder = join(root, String((folders += 1)));
  await mkdir(folder);
  await writeFile(join(folder, file), text);
  return folder;
}

/** What loading says is wrong: messages without the file's name, and remedies. */
export async function refusalsOf(text: string | Uint8Array, file?: string) {
  const folder = await folderWith(text, file);
  const error: unknown = await loadDeployment([folder], 'acme').catch((thrown: unknown) => thrown);
  if (!(error instanceof BelayError)) throw new Error('it was not refused', { cause: error });
  expect(error.fault).toBe('request');
  const path = join(folder, file ?? 'acme.yaml');
  return error.refusals.map(({ message, remedy }) => ({
    message: message.replace(path, 'FILE'),
    remedy,
  }));
}

export const messagesOf = async (text: string | Uint8Array) =>
  (await refusalsOf(text)).map(({ message }) => message);
