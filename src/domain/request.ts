/**
 * Checks of what came in from outside: a workflow's one JSON object. (Workflows may import nothing but this folder,
 * so there is no schema library here.)
 */
import type { Refusal } from './errors.ts';
import { whyNotVersion } from './image-tag.ts';

type Kind = 'text' | 'version' | 'boolean' | 'milliseconds' | 'window' | 'number' | 'names';

const UPGRADE_FIELDS: Readonly<Record<string, Kind>> = {
  deployment: 'text',
  to: 'version',
  bundle: 'text',
  by: 'text',
  reason: 'text',
  approval: 'boolean',
  planDigest: 'text',
  window: 'window',
  soak: 'milliseconds',
  evenIfUnhealthy: 'boolean',
  accept: 'names',
};

const FIELDS: Readonly<Record<'upgrade' | 'rollback' | 'plan', Readonly<Record<string, Kind>>>> = {
  upgrade: UPGRADE_FIELDS,
  rollback: {
    deployment: 'text',
    to: 'version',
    toRevision: 'number',
    bundle: 'text',
    by: 'text',
    reason: 'text',
    accept: 'names',
  },
  plan: {
    deployment: 'text',
    to: 'version',
    bundle: 'text',
    evenIfUnhealthy: 'boolean',
    accept: 'names',
  },
};

const REQUIRED = {
  upgrade: ['deployment', 'to'],
  rollback: ['deployment'],
  plan: ['deployment', 'to'],
} as const;

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'a text that is not empty',
  version: 'a version such as "1.3.0" (letters, digits, ".", "_", "-"; at most 128)',
  boolean: 'true or false',
  milliseconds: 'a number of milliseconds, 0 or more',
  window: '"now" or "wait"',
  number: 'a whole number, 1 or more',
  names: 'a list of names without blanks, at most 100',
};

const MAX_TEXT = 2_000;
const MAX_NAMES = 100;

/** Every reason why `input` is not a request of this kind; empty when it is one. */
export function whyNotRequest(kind: keyof typeof FIELDS, input: unknown): Refusal[] {
  const example =
    kind === 'rollback' ? '{"deployment":"acme"}' : '{"deployment":"acme","to":"1.3.0"}';
  const remedy = `Start ${kind} with one JSON object like ${example}`;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [{ code: 'bad-input', message: `The input of ${kind} is not a JSON object`, remedy }];
  }
  const fields = FIELDS[kind];
  const wrong = Object.entries(input).flatMap(([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      return [
        {
          code: 'bad-input',
          message: `The input of ${kind} has an unknown field "${name.slice(0, 80)}"`,
          remedy: `Known fields: ${Object.keys(fields).join(', ')}`,
        },
      ];
    }
    if (isKind(field, value)) return [];
    return [
      {
        code: 'bad-input',
        message: `The input of ${kind} has "${name}" that is not ${EXPECTED[field]}`,
        remedy,
      },
    ];
  });
  const missing = REQUIRED[kind]
    .filter((name) => !Object.hasOwn(input, name))
    .map((name) => ({
      code: 'bad-input',
      message: `The input of ${kind} lacks "${name}"`,
      remedy,
    }));
  return [...wrong, ...missing];
}

function isKind(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT;
    case 'version':
      return typeof value === 'string' && whyNotVersion(value) === undefined;
    case 'boolean':
      return typeof value === 'boolean';
    case 'milliseconds':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    case 'number':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
    case 'names':
      return Array.isArray(value) && value.length <= MAX_NAMES && value.every(isHazardName);
    case 'window':
      return value === 'now' || value === 'wait';
  }
}

function isHazardName(value: unknown): boolean {
  return typeof value === 'string' && /^\S{1,300}$/.test(value);
}
