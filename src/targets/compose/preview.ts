/**
 * The exact edit and commands that a swap would make, for people and for the plan's digest.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure } from '../../domain/errors.ts';
import type { Change, Goal, Preview } from '../../domain/target.ts';
import { redact } from '../../process/redact.ts';
import type { ActContext } from '../../domain/act.ts';
import { upArgv } from './cli.ts';
import { baseOf } from './config.ts';
import type { Edit } from './find-edit.ts';
import { planEdit, type FileEdit } from './plan-edit.ts';
import { shownPath } from './project.ts';
import type { Scope } from './scope.ts';
import { reservedVariables } from './swap.ts';
import { checkReplaceable } from './write-file.ts';

/** Changes nothing. Throws `request`, with file and line, when the edit or the claim could not be made. */
export async function preview(scope: Scope, { pins }: Goal, context: ActContext): Promise<Preview> {
  const project = await scope.project();
  const reserved = reservedVariables(await scope.cliEnvironment());
  const { files } = await planEdit(project, pins, scope.resolver, reserved, context.signal);
  for (const { path, before, after } of files)
    await checkReplaceable({ path, before, after, within: project.directory });
  await requireClaimable(scope);
  const services = Object.keys(pins);
  const changes: Change[] = [
    ...files.map((file): Change => ({
      kind: 'edit',
      file: shownPath(project, file.path),
      diff: renderDiff(shownPath(project, file.path), file),
    })),
    {
      kind: 'command',
      argv: [...upArgv(baseOf(project), services)],
      effect: `recreates the containers of ${services.join(', ')} and of nothing else`,
    },
  ];
  return { changes, hazards: [], notes: [] };
}

async function requireClaimable({ stateDirectory }: Scope): Promise<void> {
  const writable = (folder: string) =>
    access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
  if ((await writable(stateDirectory)) || (await writable(dirname(stateDirectory)))) return;
  throw failure(
    'request',
    'claim-unwritable',
    `belay's user can't write ${stateDirectory}, where an operation lays its claim`,
    'Let belay’s user write the project directory',
  );
}

/** A unified diff of the changed lines only. What else stands on such a line is masked: it may be a secret. */
export function renderDiff(
  name: string,
  { before, edits }: Omit<FileEdit, 'path' | 'after'>,
): string {
  const hunks = [...edits]
    .sort((a, b) => a.start - b.start)
    .map((edit) => {
      const { old, fresh } = changedLine(before, edit);
      return `@@ -${edit.line} +${edit.line} @@\n-${old}\n+${fresh}\n`;
    });
  return redact(`--- a/${name}\n+++ b/${name}\n${hunks.join('')}`);
}

const PLAIN_START = /^\s*(?:export\s+)?["']?[\w.-]+["']?[ \t]*[:=][ \t]*["']?[^\s"'{}[\],]*$/;
const PLAIN_END = /^["']?[ \t]*(?:#.*)?\r?$/;

function changedLine(text: string, { start, end, text: replacement }: Edit) {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const head = text.slice(from, start);
  const tail = text.slice(end, newline < 0 ? text.length : newline);
  const shownHead = PLAIN_START.test(head) ? head : '…';
  const shownTail = PLAIN_END.test(tail) ? tail.replace(/\r$/, '') : '…';
  return {
    old: shownHead + text.slice(start, end) + shownTail,
    fresh: shownHead + replacement + shownTail,
  };
}
