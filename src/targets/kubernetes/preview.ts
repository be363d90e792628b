/**
 * What a swap would change, decided beforehand.
 */
import type { Change, Goal, Preview } from '../../domain/target.ts';
import { showPlaces } from '../../cluster/place-images.ts';
import { showRef } from '../../cluster/workloads.ts';
import { findUniform } from './find-workloads.ts';
import { imageManagers } from './field-managers.ts';
import type { Scope } from './scope.ts';
import { plannedWrites } from './writes.ts';

/** See `Target.preview`. */
export async function preview(scope: Scope, goal: Goal): Promise<Preview> {
  const found = await findUniform(scope);
  const writes = await plannedWrites(scope, found, goal);
  const changes = writes.map(({ ref, before, after, template }): Change => {
    const lines = Object.keys({ ...before, ...after })
      .filter((name) => before[name] !== after[name])
      .map((name) => `-${name}: ${before[name] ?? ''}\n+${name}: ${after[name] ?? ''}\n`);
    const whole = template === undefined ? '' : ' the template of an earlier revision,\n';
    return { kind: 'edit', file: showRef(ref), diff: `${whole}${lines.join('')}` };
  });
  const notes = found.workloads.flatMap(({ ref, metadata, template }) =>
    (template.spec?.containers ?? []).flatMap(({ name }) => {
      const managers = imageManagers(metadata, name);
      const changed = writes.some((write) => showRef(write.ref) === showRef(ref));
      if (!changed || managers.length === 0) return [];
      return [
        `the image of ${name} in ${showRef(ref)} was managed by ${managers.join(', ')} until now`,
      ];
    }),
  );
  const effect = `rolls out ${showPlaces(found.places)}, and belay watches it`;
  const command: Change = { kind: 'command', argv: ['server-side apply', 'image'], effect };
  return {
    changes: changes.length === 0 ? [] : [...changes, command],
    hazards: [],
    notes: [...new Set(notes)],
  };
}
