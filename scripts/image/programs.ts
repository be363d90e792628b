import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Programs of this machine that go into the image: where each is here, and where there. */
export type ImagePrograms = readonly { readonly source: string; readonly place: string }[];

/**
 * Finds helm, and what a Compose site needs: docker with its compose plugin.
 *
 * @throws Error naming the one that is not there.
 */
export async function imagePrograms(): Promise<ImagePrograms> {
  const plugins = 'cli-plugins/docker-compose';
  const config = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  const found = [
    ['/usr/local/bin/helm', 'helm', [process.env['BELAY_HELM3'] ?? '', ...inPath('helm')]],
    ['/usr/local/bin/docker', 'docker', inPath('docker')],
    [
      `/usr/local/lib/docker/${plugins}`,
      'the compose plugin of docker',
      [
        join(config, plugins),
        ...['local/lib', 'local/libexec', 'lib', 'libexec'].map(
          (folder) => `/usr/${folder}/docker/${plugins}`,
        ),
      ],
    ],
  ] as const;
  return Promise.all(
    found.map(async ([place, what, candidates]) => ({
      place,
      source: await firstProgram(what, candidates),
    })),
  );
}

function inPath(name: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
}

async function firstProgram(what: string, candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    if (candidate === '') continue;
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return realpath(candidate);
  }
  throw new Error(`belay's image needs ${what}, and it is not on this machine: sh scripts/setup`);
}
