/** Small images of an HTTP server, made from the machine's own busybox and pushed to the local registry. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { withStackLock } from '../../scripts/stack/lock.ts';
import { docker } from './docker.ts';

const BUSYBOX = process.env['BELAY_BUSYBOX'] ?? '/bin/busybox';
const APPLETS = ['sh', 'httpd', 'cat', 'echo', 'sleep', 'env', 'true', 'false', 'kill', 'trap'];

/**
 * Builds and pushes `reference`. A megabyte of noise makes its transfer worth measuring. `entrypoint`: a program that
 * comes before whatever the Compose file runs.
 */
export async function pushTinyImage(
  reference: string,
  version: string,
  entrypoint?: string,
): Promise<void> {
  const tar = pack();
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(BUSYBOX));
  for (const name of APPLETS)
    tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'www/version' }, version);
  tar.entry({ name: 'noise' }, randomBytes(1024 * 1024));
  tar.finalize();
  const change = ['ENV PATH=/bin', 'CMD ["/bin/httpd","-f","-p","8080","-h","/www"]'];
  if (entrypoint !== undefined) change.push(`ENTRYPOINT ["${entrypoint}"]`);
  await docker(
    ['import', ...change.flatMap((line) => ['--change', line]), '-', reference],
    Readable.from(tar),
  );
  await docker(['push', '--quiet', reference]);
}

/** The same where the registry has it already: a node that has a tag does not look for a newer image under it. */
export async function ensureTinyImage(
  reference: string,
  version: string,
  entrypoint?: string,
): Promise<void> {
  const [, host = '', path = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? [];
  // Two that push at once would leave the tag on either's image.
  await withStackLock(async () => {
    const { ok } = await fetch(`http://${host}/v2/${path}/manifests/${tag}`, { method: 'HEAD' });
    if (!ok) await pushTinyImage(reference, version, entrypoint);
  });
}
