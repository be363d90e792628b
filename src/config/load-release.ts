/**
 * Loads a release file.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import { whyNotVersion } from '../domain/image-tag.ts';
import { readFileAs } from './read-file-as.ts';
import { releaseSchema } from './release-schema.ts';
import type { ReleaseFile } from './release-schema.ts';

/**
 * Reads `<directory>/<version>.yaml` (or `.yml`); undefined when there is none.
 *
 * @throws BelayError `request` when the version can't be one, the directory is missing, or the file is wrong.
 */
export async function loadRelease(
  directory: string,
  version: string,
): Promise<Release | undefined> {
  const why = whyNotVersion(version);
  if (why !== undefined) {
    const shown = JSON.stringify(version.slice(0, 80));
    throw failure(
      'request',
      'bad-version',
      `The version ${shown} ${why}`,
      'Name a version such as 1.3.0',
    );
  }
  for (const ending of ['yaml', 'yml']) {
    const file = join(directory, `${version}.${ending}`);
    const settings = {
      kind: 'release',
      schema: releaseSchema,
      nameKey: 'version',
      name: version,
    } as const;
    const read = await readFileAs(file, settings);
    if (read) return toRelease(read.written);
  }
  await requireDirectory(directory);
  return undefined;
}

/** A directory that is named but missing would silently make every release one without a file. */
async function requireDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw failure(
    'request',
    'releases-missing',
    `The directory of release files ${directory} is not there`,
    'Make it, or leave `releases` out of the deployment file',
  );
}

function toRelease({ version, from, migrations, digests }: ReleaseFile): Release {
  return {
    version,
    ...(from !== undefined && { from }),
    migrations: migrations.map(({ version: number, name, kind }) => ({
      version: number,
      ...(name !== undefined && { name }),
      kind,
    })),
    digests,
  };
}
