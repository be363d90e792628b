import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redact } from '../process/redact.ts';
import { configuredTemporal } from './configured.ts';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-profiles-'));
  const file = join(folder, 'temporal.toml');
  await writeFile(
    file,
    `[profile.prod]
address = "temporal.example:7233"
namespace = "belay"
api_key = "pr0d-key"
[profile.prod.tls]
server_name = "inner"
[profile.empty]
namespace = "x"
`,
  );
  env = { TEMPORAL_CONFIG_FILE: file };
});

afterAll(() => rm(folder, { recursive: true }));

test('without an address there is none', () => {
  expect(configuredTemporal(undefined, env)).toBeUndefined();
  expect(configuredTemporal(undefined, { ...env, TEMPORAL_NAMESPACE: 'x' })).toBeUndefined();
});

test('a variable names it', () => {
  const named = { ...env, TEMPORAL_ADDRESS: 'host:7233', TEMPORAL_NAMESPACE: 'ops' };
  expect(configuredTemporal(undefined, named)).toEqual({ address: 'host:7233', namespace: 'ops' });
});

test('a profile names it, with its TLS and its key, which is a secret from then on', () => {
  const found = {
    address: 'temporal.example:7233',
    namespace: 'belay',
    apiKey: 'pr0d-key',
    tls: { serverNameOverride: 'inner' },
  };
  expect(configuredTemporal('prod', env)).toEqual(found);
  expect(configuredTemporal(undefined, { ...env, TEMPORAL_PROFILE: 'prod' })).toEqual(found);
  expect(redact('key pr0d-key')).toBe('key ***');
});

test('a profile without an address, or one that is not there, is an error', () => {
  expect(() => configuredTemporal('empty', env)).toThrow('Temporal profile "empty" has no address');
  expect(() => configuredTemporal('prode', env)).toThrow(/prode/);
});

test('a file that is no TOML is an error that names it', async () => {
  const file = join(folder, 'broken.toml');
  await writeFile(file, '[profile');
  expect(() => configuredTemporal(undefined, { TEMPORAL_CONFIG_FILE: file })).toThrow(file);
});
