/**
 * Evidence: logs, inspections and events of the project, before a rollback destroys them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Evidence } from '../../domain/target.ts';
import { rememberSecret } from '../../process/redact.ts';
import { orWhyNot, SECRET_NAME, writeEvidence, type Piece } from '../../process/write-evidence.ts';
import type { ActContext } from '../../domain/act.ts';
import { psArgv, runCli } from './cli.ts';
import { baseOf } from './config.ts';
import { listContainers } from './containers.ts';
import type { Engine } from './engine.ts';
import { demultiplex } from './log-frames.ts';
import type { Scope } from './scope.ts';

const LOG_LINES = 2_000;
const EVENTS_SECONDS = 15 * 60;
const MAX_EVENTS = 1_000;

/** Writes the evidence into `directory` (0700), each file 0600 and redacted. What can't be had is said in its place. */
export async function collect(
  scope: Scope,
  directory: string,
  context: ActContext,
): Promise<Evidence[]> {
  const engine = await scope.engine();
  const project = await scope.projectName();
  const containers = await listContainers(engine, project);
  const inspections: unknown[] = [];
  for (const { id } of containers)
    inspections.push(await engine.find((docker) => docker.getContainer(id).inspect()));
  inspections.forEach(rememberContainerSecrets);
  const pieces: Piece[] = [
    { name: 'inspect.json', text: `${JSON.stringify(inspections.map(maskEnv), undefined, 2)}\n` },
  ];
  for (const { id, name } of containers) {
    context.signal.throwIfAborted();
    context.progress({ step: 'collect', detail: name });
    pieces.push({ name: `${name}.log`, text: await orWhyNot(() => readLog(engine, id)) });
  }
  pieces.push(
    { name: 'events.jsonl', text: await orWhyNot(() => readRecentEvents(engine, project)) },
    { name: 'compose-ps.txt', text: await orWhyNot(() => listByCompose(scope)) },
    ...(await swapLogs(scope.stateDirectory)),
  );
  return writeEvidence(directory, pieces);
}

async function readLog(engine: Engine, id: string): Promise<string> {
  const options = { stdout: true, stderr: true, timestamps: true, tail: LOG_LINES } as const;
  const [bytes, info] = await Promise.all([
    engine.ask((docker) => docker.getContainer(id).logs({ ...options, follow: false })),
    engine.ask((docker) => docker.getContainer(id).inspect()),
  ]);
  return info.Config.Tty ? bytes.toString('utf8') : demultiplex(bytes);
}

async function readRecentEvents(engine: Engine, project: string): Promise<string> {
  const until = Math.ceil(Date.now() / 1000);
  const stream = await engine.ask((docker) =>
    docker.getEvents({
      since: until - EVENTS_SECONDS,
      until,
      filters: JSON.stringify({ label: [`com.docker.compose.project=${project}`] }),
    }),
  );
  const lines: string[] = [];
  let rest = '';
  for await (const chunk of Readable.from(stream).setEncoding('utf8') as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    if (lines.length > 2 * MAX_EVENTS) lines.splice(0, lines.length - MAX_EVENTS);
  }
  if (rest !== '') lines.push(rest);
  return lines
    .slice(-MAX_EVENTS)
    .map((line) => `${line}\n`)
    .join('');
}

async function listByCompose(scope: Scope): Promise<string> {
  const project = await scope.project();
  const { stdout, stderr } = await runCli(psArgv(baseOf(project)), {
    cwd: project.directory,
    env: await scope.cliEnvironment(),
    timeoutMs: 30_000,
  });
  return stdout + stderr;
}

async function swapLogs(folder: string): Promise<Piece[]> {
  const names = await readdir(folder).catch(() => []);
  const logs = names.filter((name) => /^up-.*\.log$/.test(name));
  return Promise.all(
    logs.map(async (name) => ({
      name: `compose-${name}`,
      text: await readFile(join(folder, name), 'utf8'),
    })),
  );
}

function rememberContainerSecrets(inspection: unknown): void {
  for (const variable of envOf(inspection)) {
    const equals = variable.indexOf('=');
    const value = variable.slice(equals + 1);
    if (equals > 0 && SECRET_NAME.test(variable.slice(0, equals)) && value.length >= 8)
      rememberSecret(value);
  }
}

/** The inspection with every environment value masked. */
function maskEnv(inspection: unknown): unknown {
  if (!isRecord(inspection) || !isRecord(inspection.Config)) return inspection;
  const Env = envOf(inspection).map((variable) => variable.replace(/=.*$/s, '=***'));
  return { ...inspection, Config: { ...inspection.Config, Env } };
}

function envOf(inspection: unknown): readonly string[] {
  if (!isRecord(inspection) || !isRecord(inspection.Config)) return [];
  const { Env } = inspection.Config;
  return Array.isArray(Env) ? Env.filter((variable) => typeof variable === 'string') : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
