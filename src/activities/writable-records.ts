/** Records and logs must be writable before anything changes: a proven version that can't be recorded helps nobody. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Deployment } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';

/** Why the records or the logs could not be written; empty when they can. */
export async function whyNotRecordable({ name, records, logs }: Deployment): Promise<Refusal[]> {
  const found = await Promise.all([
    whyNotWritable(name, 'records.history', records.history),
    whyNotWritable(name, 'records.previous', records.previous),
    whyNotWritable(name, 'logs', logs),
  ]);
  return found.filter((refusal) => refusal !== undefined);
}

async function whyNotWritable(
  deployment: string,
  setting: string,
  path: string,
): Promise<Refusal | undefined> {
  for (let place = path; ; place = dirname(place)) {
    try {
      await access(place, constants.W_OK);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && place !== dirname(place)) continue;
      return {
        code: 'records-not-writable',
        message: `${deployment}: ${setting} (${path}) can't be written: ${place} says ${code ?? String(error)}`,
        remedy: `Let the worker's user write there, or name another place as ${setting} in the deployment file`,
      };
    }
  }
}
