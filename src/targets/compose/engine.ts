/**
 * The Docker engine's API, with its failures told apart.
 */
import { connect } from 'node:net';
import Docker from 'dockerode';
import { BelayError, failure, type Fault } from '../../domain/errors.ts';
import { redact } from '../../process/redact.ts';
import type { Endpoint } from './endpoint.ts';

/** Codes of "the engine can't be asked": what to do differs, so callers can tell. */
export const ENGINE_CODES = {
  missing: 'engine-missing',
  permission: 'engine-permission',
  unreachable: 'engine-unreachable',
} as const;

/** A connection to the engine. */
export interface Engine {
  readonly endpoint: Endpoint;
  /** For streams that may rest for minutes: without a time limit; mind the caller's signal. */
  readonly patient: Docker;
  /** One short question; silence for 30 s is `engine-unreachable`. Throws `BelayError`, fault `environment`. */
  ask<T>(question: (docker: Docker) => Promise<T>): Promise<T>;
  /** The same, with undefined for "there is no such thing" (404). */
  find<T>(question: (docker: Docker) => Promise<T>): Promise<T | undefined>;
}

const SILENCE_MS = 30_000;

/** Opens the engine at `endpoint`; connects only when asked. */
export function openEngine(endpoint: Endpoint): Engine {
  const { socketPath } = endpoint;
  const quick = new Docker({ socketPath, timeout: SILENCE_MS });
  const ask = async <T>(question: (docker: Docker) => Promise<T>): Promise<T> => {
    try {
      return await question(quick);
    } catch (error) {
      throw engineFailure(error, endpoint);
    }
  };
  return {
    endpoint,
    patient: new Docker({ socketPath }),
    ask,
    find: async (question) => {
      try {
        return await question(quick);
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw engineFailure(error, endpoint);
      }
    },
  };
}

/** The HTTP status of an engine's refusal; undefined for other errors. */
export function statusOf(error: unknown): number | undefined {
  const status =
    error instanceof Error && 'statusCode' in error ? error.statusCode : /* a broken pipe */ null;
  return typeof status === 'number' ? status : undefined;
}

/** Whose fault it is that the engine did not answer as wished: the environment's, but with the code that tells why. */
export function engineFailure(error: unknown, endpoint: Endpoint): BelayError {
  if (error instanceof BelayError) return error;
  const message = redact(error instanceof Error ? error.message : String(error));
  const where = `${endpoint.host} (${endpoint.origin})`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT')
    return failure(
      'environment',
      ENGINE_CODES.missing,
      `No Docker engine at ${where}: the socket does not exist`,
      'Install or start Docker (`sudo systemctl start docker`), or set dockerHost in the deployment file',
      error,
    );
  if (code === 'EACCES' || code === 'EPERM')
    return failure(
      'environment',
      ENGINE_CODES.permission,
      `No permission on the Docker socket ${where}`,
      'Add the user to the docker group (`sudo usermod -aG docker $USER`, then log in again)',
      error,
    );
  if (/no space left on device/i.test(message)) return diskFull(message, error);
  return failure(
    'environment',
    statusOf(error) === undefined ? ENGINE_CODES.unreachable : 'engine-error',
    `The Docker engine at ${where} did not answer as expected: ${message}`,
    'See the engine’s own log (`journalctl -u docker`); belay tries again while its patience lasts',
    error,
  );
}

/**
 * Whether the engine takes new connections. One that is shutting down closes its door first and goes on answering on
 * connections that are open, with errors that look like a container's.
 */
export function isListening({ socketPath }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath, timeout: 5_000 });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** The engine's disk is full: nothing is wrong with the release. */
export function diskFull(message: string, cause?: unknown): BelayError {
  return failure(
    'environment',
    'disk-full',
    `The disk of the Docker engine is full: ${redact(message)}`,
    'Free space where Docker keeps its images (`docker system df`); belay goes on by itself then',
    cause,
  );
}

/** Before anything changed, a missing engine or permission is for the operator to mend, not to be waited out. */
export function refuseMissingEngine(error: unknown): unknown {
  const codes: readonly string[] = [ENGINE_CODES.missing, ENGINE_CODES.permission];
  if (!(error instanceof BelayError) || !codes.includes(error.code)) return error;
  const fault: Fault = 'request';
  return new BelayError(fault, error.refusals, { cause: error });
}
