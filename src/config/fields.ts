/**
 * The kinds of value that belay's files are made of. Their messages say what was expected, never what was found.
 */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../domain/quantities.ts';

/**
 * What an error about a secret expects. {@link isSecretMessage} knows these texts: what was found there is never shown,
 * because it may be the secret itself.
 */
const SECRET_EXPECTED =
  'a reference to a secret, {env: NAME} or {file: path}; a secret itself does not belong in this file';
const ENV_EXPECTED = 'the name of an environment variable, such as DATABASE_URL';
const URL_SECRET_EXPECTED = 'a URL without a user and password';
const HEADER_EXPECTED = 'a text on one line, or a reference {env: NAME} or {file: path}';

/** Whether the value that an error is about may be a secret. */
export function isSecretMessage(message: string): boolean {
  return [SECRET_EXPECTED, ENV_EXPECTED, URL_SECRET_EXPECTED, HEADER_EXPECTED].includes(message);
}

/** A text that is not blank. */
export function text(expected: string) {
  return z.string({ error: `${expected} (a text)` }).regex(/\S/, `${expected} (not empty)`);
}

/** A path; relative ones are resolved later. No NUL, no line breaks. */
export function path(expected = 'a path') {
  return z
    .string({ error: `${expected} (a text)` })
    .regex(/^[^\0\r\n]*\S[^\0\r\n]*$/, `${expected} (not empty, on one line)`);
}

/** `90s`, `30m`, `1h30m`, `500ms` → milliseconds, at least `leastMs`. */
export function duration(leastMs = 0) {
  const expected = 'a duration with its unit, such as 500ms, 90s, 30m or 1h30m';
  return z
    .string({ error: expected })
    .regex(DURATION_PATTERN, expected)
    .transform((written) => parseDuration(written) ?? 0)
    .refine((ms) => ms >= leastMs, `a duration of at least ${leastMs} ms`);
}

/** A whole number in a range. */
export function whole(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .number({ error: expected })
    .int({ error: expected })
    .min(least, expected)
    .max(most, expected);
}

/** `true` or `false`. */
export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: words.length === 1 ? words[0] : `one of ${words.join(', ')}` });
}

/** A list of texts, at least `least` long. */
export function list<Item extends z.ZodType>(item: Item, expected: string, least = 0) {
  return z
    .array(item, { error: `a list of ${expected}` })
    .min(least, `a list of ${expected}, not empty`);
}

/** A Service of the cluster, by its name; the port by number or name. */
const SERVICE_URL =
  /^service:\/\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[a-z0-9-]{1,15})?(?:\/\S*)?$/;
const APPLICATION_URL_EXPECTED = 'an http://, https:// or service:// URL';

/** A URL of the application: an ordinary one without password, or one that leads to a Service of the target's cluster. */
export function applicationUrl() {
  return z
    .string({ error: APPLICATION_URL_EXPECTED })
    .superRefine((url, context) => {
      const parsed = URL.parse(url);
      const isHttp =
        parsed !== null && /^https?:$/.test(parsed.protocol) && /^https?:\/\/./.test(url);
      if (!isHttp && !SERVICE_URL.test(url))
        context.addIssue({ code: 'custom', message: APPLICATION_URL_EXPECTED });
      else if (isHttp && (parsed.username !== '' || parsed.password !== ''))
        context.addIssue({ code: 'custom', message: URL_SECRET_EXPECTED });
    })
    .meta({ pattern: '^(?:https?|service)://\\S+$' });
}

/** A mapping of which exactly one key is given: the key says of which kind the rest is. */
export function exactlyOne<Shape extends z.ZodRawShape>(
  shape: Shape,
  kinds: readonly (keyof Shape & string)[],
  expected: string,
) {
  return z
    .strictObject(shape, { error: expected })
    .superRefine((value, context) => {
      const given = kinds.filter((kind) => Object.hasOwn(value, kind));
      if (given.length === 1) return;
      context.addIssue({ code: 'custom', message: expected });
    })
    .meta({ oneOf: kinds.map((kind) => ({ required: [kind] })) });
}

/** `{env: NAME}` or `{file: path}`. */
export function secretRef() {
  return exactlyOne(
    {
      env: z
        .string({ error: ENV_EXPECTED })
        .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, ENV_EXPECTED)
        .optional()
        .meta({
          description:
            "Environment variable: of the site's worker, else of the deployment's own environment file.",
        }),
      file: path(SECRET_EXPECTED).optional().meta({
        description: 'File that holds the secret and nothing else; surrounding blanks are dropped.',
      }),
    },
    ['env', 'file'],
    SECRET_EXPECTED,
  );
}

/** A header's value; whether it must be a reference depends on the header's name. */
export function headerValue() {
  return z.union([z.string().regex(/^[^\0\r\n]*$/), secretRef()], { error: HEADER_EXPECTED });
}

/** A header that carries a secret by its name must be a reference. */
export function whyNotHeader(name: string, value: unknown): string | undefined {
  const secret = /authorization|cookie|secret|token|password|api-?key/i.test(name);
  return secret && typeof value === 'string' ? SECRET_EXPECTED : undefined;
}
