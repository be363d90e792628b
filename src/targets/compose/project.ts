/**
 * The files of a Compose project, read once and held as text: what Compose is asked about and what is edited are the
 * same bytes.
 */
import { access, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { ComposeSettings } from '../../domain/deployment.ts';
import { BelayError, type Refusal } from '../../domain/errors.ts';
import { rememberSecret } from '../../process/redact.ts';
import { parseComposeFile, type ComposeFile } from './compose-file.ts';
import { lastEntry, parseEnvFile, type EnvFile } from './env-file.ts';

/** An environment file with its text. */
export interface EnvText extends EnvFile {
  readonly path: string;
  readonly text: string;
}

/** A project as its files say. Paths are absolute. */
export interface Project {
  readonly directory: string;
  readonly composeFiles: readonly ComposeFile[];
  readonly envFiles: readonly EnvText[];
  readonly profiles: readonly string[];
  /** Project name when the deployment names one. */
  readonly name?: string;
}

/** Compose's own order; the first that is there counts. */
const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];
/** Whole words only: AUTHENTIK_TAG is no secret, and a version that is masked can't be compared. */
const SECRET_NAME =
  /PASS(?:WORD|WD|PHRASE)?(?:$|_)|(?:^|_)(?:SECRETS?|TOKEN|API_?KEY|KEY|CREDENTIALS?|CREDS?|AUTH|SALT)(?:$|_)/i;
/** A URL is secret by the password in it. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s@]+@/i;

/**
 * Reads the project's files. Values of its environment files that look like secrets are remembered for redaction.
 *
 * @throws BelayError fault `request` with every reason: missing, unreadable or not YAML, with file and line.
 */
export async function loadProject(settings: ComposeSettings): Promise<Project> {
  const { directory } = settings;
  const refusals: Refusal[] = [];
  const envFiles = await readEnvFiles(settings, refusals);
  const composeFiles: ComposeFile[] = [];
  for (const path of await composePaths(settings, envFiles)) {
    const text = await readText(path, refusals);
    if (text === undefined) continue;
    const file = parseComposeFile(path, text);
    composeFiles.push(file);
    refusals.push(...file.problems);
  }
  if (composeFiles.length === 0 && refusals.length === 0)
    refusals.push({
      code: 'compose-file-missing',
      message: `${directory} has no Compose file (${DEFAULT_FILES.join(', ')})`,
      remedy: 'Correct target.compose.directory, or name the file in target.compose.files',
    });
  if (refusals.length > 0) throw new BelayError('request', refusals);
  rememberSecrets(envFiles);
  const { profiles, project: name } = settings;
  return { directory, composeFiles, envFiles, profiles, ...(name ? { name } : {}) };
}

/** The project with other texts in place of some files', as an edit would leave it. */
export function withTexts(project: Project, texts: ReadonlyMap<string, string>): Project {
  return {
    ...project,
    composeFiles: project.composeFiles.map((file) => {
      const text = texts.get(file.path);
      return text === undefined ? file : parseComposeFile(file.path, text);
    }),
    envFiles: project.envFiles.map((file) => {
      const text = texts.get(file.path);
      return text === undefined ? file : { path: file.path, text, ...parseEnvFile(text) };
    }),
  };
}

/** A path as people know it: relative to the project. */
export function shownPath(project: Pick<Project, 'directory'>, path: string): string {
  return relative(project.directory, path) || path;
}

async function composePaths(
  { directory, files }: ComposeSettings,
  envFiles: readonly EnvText[],
): Promise<readonly string[]> {
  if (files.length > 0) return files.map((file) => resolve(directory, file));
  const variable = (name: string) =>
    envFiles.map((file) => lastEntry(file, name)?.value).findLast((value) => value !== undefined);
  const listed = variable('COMPOSE_FILE');
  if (listed)
    return listed
      .split(variable('COMPOSE_PATH_SEPARATOR') ?? ':')
      .map((file) => resolve(directory, file));
  const first = await firstThere(directory, DEFAULT_FILES);
  const override = await firstThere(directory, OVERRIDES);
  return [first, override].filter((path) => path !== undefined);
}

async function firstThere(
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    const path = join(directory, name);
    if (await exists(path)) return path;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readEnvFiles(
  { directory, envFiles }: ComposeSettings,
  refusals: Refusal[],
): Promise<EnvText[]> {
  const named = envFiles.map((file) => resolve(directory, file));
  const usual = join(directory, '.env');
  const paths = named.length > 0 ? named : (await exists(usual)) ? [usual] : [];
  const found: EnvText[] = [];
  for (const path of paths) {
    const text = await readText(path, refusals);
    if (text !== undefined) found.push({ path, text, ...parseEnvFile(text) });
  }
  return found;
}

async function readText(path: string, refusals: Refusal[]): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    refusals.push(unreadable(path, error));
    return undefined;
  }
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  refusals.push({
    code: 'file-not-utf8',
    message: `${path} is not UTF-8 text`,
    remedy: 'Save it as UTF-8',
  });
  return undefined;
}

function unreadable(path: string, error: unknown): Refusal {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return {
      code: 'compose-file-missing',
      message: `${path} does not exist`,
      remedy: 'Correct target.compose in the deployment file',
    };
  const why = error instanceof Error ? error.message : String(error);
  return {
    code: 'file-unreadable',
    message: `${path} can't be read: ${why}`,
    remedy: 'Let belay’s user read it',
  };
}

function rememberSecrets(envFiles: readonly EnvText[]): void {
  for (const { name, value } of envFiles.flatMap(({ entries }) => entries)) {
    // Short and numeric values (ports, `true`) would mask ordinary text.
    const isSecret = SECRET_NAME.test(name) && value.length >= 8;
    if (isSecret || URL_WITH_PASSWORD.test(value)) rememberSecret(value);
  }
}
