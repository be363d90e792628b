import { execFile } from 'node:child_process';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Entry } from './layer.ts';

const run = promisify(execFile);

/** Loaded by name at run time, so `ldd` does not list them; part of the C library itself since 2.34. */
const resolverLibraries = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/**
 * A static BusyBox, which gives an image made from nothing its shell: the one that `scripts/setup`
 * found or unpacked, or Debian's own.
 */
export const busybox = process.env['BELAY_BUSYBOX'] || '/bin/busybox';

/**
 * The shared libraries that programs of this machine need, as absolute paths.
 *
 * @throws Error when a program needs a library that this machine does not have.
 */
export async function librariesOf(programs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const program of programs) {
    for (const line of (await ldd(program)).split('\n')) {
      if (line.includes('not found'))
        throw new Error(`${program}: missing library: ${line.trim()}`);
      const path = /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1];
      if (path !== undefined) found.add(path);
    }
  }
  for (const library of await besideTheCLibrary([...found])) found.add(library);
  return [...found].sort();
}

async function ldd(program: string): Promise<string> {
  // ldd exits 1 for a static program, which is no fault: it needs no library.
  return run('ldd', [program]).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 1) return '';
      throw error;
    },
  );
}

async function besideTheCLibrary(libraries: readonly string[]): Promise<string[]> {
  const library = libraries.find((path) => path.endsWith('/libc.so.6'));
  if (library === undefined) return [];
  const candidates = resolverLibraries.map((name) => join(dirname(library), name));
  const there = await Promise.all(candidates.map(exists));
  return candidates.filter((_candidate, index) => there[index]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Files of this machine at the same place in an image. */
export async function sameFiles(paths: readonly string[]): Promise<Entry[]> {
  return Promise.all(
    paths.map(async (path) => ({
      kind: 'file' as const,
      path,
      content: await readFile(path),
      mode: 0o755,
    })),
  );
}

/** A shell and the usual commands, all of them BusyBox. */
export async function shell(): Promise<Entry[]> {
  const { stdout } = await run(busybox, ['--list']);
  const commands = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return [
    { kind: 'file', path: '/bin/busybox', content: await readFile(busybox), mode: 0o755 },
    ...commands.map((name) => ({
      kind: 'link' as const,
      path: `/bin/${name}`,
      target: '/bin/busybox',
    })),
  ];
}

/** What every Linux file system has: users, name lookup, a folder for temporary files. */
export function rootFiles(): Entry[] {
  const users = [
    'root:x:0:0::/root:/bin/sh',
    'postgres:x:999:999::/tmp:/bin/sh',
    'app:x:1000:1000::/tmp:/bin/sh',
  ];
  const groups = ['root:x:0:', 'postgres:x:999:', 'app:x:1000:'];
  return [
    { kind: 'file', path: '/etc/passwd', content: `${users.join('\n')}\n` },
    { kind: 'file', path: '/etc/group', content: `${groups.join('\n')}\n` },
    { kind: 'file', path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
    { kind: 'directory', path: '/tmp', mode: 0o1777 },
    { kind: 'directory', path: '/root', mode: 0o700 },
  ];
}

/** A short text that changes when a large file does; reading it whole would cost seconds every time. */
export async function fingerprint(path: string): Promise<string> {
  const file = await stat(path).catch((cause: unknown) => {
    throw new Error(`${path} is needed for the images and is not there: run scripts/setup`, {
      cause,
    });
  });
  return `${path} ${file.size}`;
}
