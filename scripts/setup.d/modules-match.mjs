// Exits 0 when the folder's node_modules is what its package-lock.json says, 1 otherwise.
// Plain JavaScript, for it runs on whatever Node the machine has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];

/** The packages of a lock file by their place, or nothing when the file is not there. */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm leaves out of the installed tree what is optional and made for another platform. */
function isInstalledAsLocked(place, locked, installed) {
  if (place === '') return true;
  const there = installed[place];
  if (there === undefined) return locked.optional === true || locked.devOptional === true;
  return there.version === locked.version && there.integrity === locked.integrity;
}

const locked = readPackages('package-lock.json');
const installed = readPackages('node_modules/.package-lock.json');
const matches =
  locked !== undefined &&
  installed !== undefined &&
  Object.entries(locked).every(([place, entry]) => isInstalledAsLocked(place, entry, installed)) &&
  Object.keys(installed).every((place) => place in locked);
process.exit(matches ? 0 : 1);
