/**
 * Replaces a file's text so that whoever looks, also after a kill at any moment, sees the old one or the new one.
 */
import { constants } from 'node:fs';
import { access, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { failure, type BelayError } from '../../domain/errors.ts';

/** One replacement. */
export interface Replacement {
  /** Absolute; a symbolic link is followed as long as it stays inside `within`. */
  readonly path: string;
  /** What must be there now: a file that someone else changed meanwhile is left alone. */
  readonly before: string;
  readonly after: string;
  /** The project's directory. */
  readonly within: string;
}

/**
 * Checks everything that can be checked without writing; returns the path of the real file.
 *
 * @throws BelayError fault `request`: read-only, leading out of the project, several links, or changed meanwhile.
 */
export async function checkReplaceable(replacement: Replacement): Promise<string> {
  const { path, before, within } = replacement;
  const real = await realpath(path);
  const root = await realpath(within);
  if (real !== path && !real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw refuse(path, `is a link that leads out of the project, to ${real}`);
  const { mode, nlink, uid, gid } = await stat(real);
  if (!mayOwn(uid, gid))
    throw refuse(
      path,
      `belongs to user ${uid} and group ${gid}, which belay's user could not keep`,
    );
  if ((mode & 0o222) === 0) throw refuse(path, 'is read-only');
  if (nlink > 1) throw refuse(path, `has ${nlink} hard links, of which an edit would cut one off`);
  for (const [place, what] of [
    [real, 'is not writable'],
    [dirname(real), 'lies in a folder that is not writable'],
  ] as const)
    await access(place, constants.W_OK).catch((error: unknown) => {
      throw refuse(path, `${what} for belay's user`, error);
    });
  if ((await readFile(real, 'utf8')) !== before)
    throw failure(
      'environment',
      'file-changed',
      `${path} was changed by someone else in this very moment; belay left it alone`,
      'Nothing: belay looks again at the new text',
    );
  return real;
}

/** Whether a new file of ours can be given this owner and group. */
function mayOwn(uid: number, gid: number): boolean {
  const [me, mine, groups] = [process.getuid?.(), process.getgid?.(), process.getgroups?.() ?? []];
  return me === 0 || (me === uid && (mine === gid || groups.includes(gid)));
}

/** Replaces atomically and durably: temp in the same folder, same owner and mode, fsync, rename, fsync of the folder. */
export async function replaceFile(replacement: Replacement): Promise<void> {
  const real = await checkReplaceable(replacement);
  const { mode, uid, gid } = await stat(real);
  // Always the same name: what a kill left is overwritten by the next attempt. The claim keeps others away.
  const temp = join(dirname(real), `.${basename(real)}.belay-new`);
  try {
    await rm(temp, { force: true });
    const file = await open(temp, 'wx', 0o600);
    try {
      await file.writeFile(replacement.after);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, real);
  } catch (error) {
    await rm(temp, { force: true });
    throw writeFailure(replacement.path, error);
  }
  await syncFolder(dirname(real));
}

/** Writes a file of belay's own, durably: whoever looks sees the old text or the new one. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const temp = `${path}.new`;
  try {
    await rm(temp, { force: true });
    const file = await open(temp, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path);
  } catch (error) {
    throw writeFailure(path, error);
  }
  await syncFolder(dirname(path));
}

/** Makes a rename or link in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whose fault a failed write is: a full disk is the environment's, a missing permission the request's. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return failure(
      'environment',
      'disk-full',
      `No space left to write ${path}`,
      'Free space there; belay goes on by itself then',
      error,
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return refuse(path, 'can’t be written', error);
  return error;
}

function refuse(path: string, why: string, cause?: unknown): BelayError {
  return failure(
    'request',
    'file-not-editable',
    `${path} ${why}`,
    'Let belay’s user write the file and its folder, inside the project',
    cause,
  );
}
