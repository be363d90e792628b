/** Writes rows through the application all the time, so that a test can prove that none was lost. */
import type { Site } from '../../scripts/stack/site.ts';

/** A writer that runs until it is stopped. */
export interface Writer {
  /** Stops, and answers the titles of all rows that the application acknowledged. */
  stop(): Promise<readonly string[]>;
}

/** Posts an incident every 20 ms; a refused or lost request is not acknowledged and does not count. */
export function startWriter(site: Site): Writer {
  const acknowledged: string[] = [];
  const stopped = new AbortController();
  const loop = (async () => {
    for (let number = 0; !stopped.signal.aborted; number += 1) {
      const title = `row ${number}`;
      try {
        const response = await fetch(`${site.example.url}/api/incidents`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: JSON.stringify({ title }),
          signal: AbortSignal.timeout(2_000),
        });
        if (response.status === 201) acknowledged.push(title);
      } catch {
        // The application is away: that is what the test is about.
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await loop;
      return acknowledged;
    },
  };
}

/** Titles of all rows that the application has. */
export async function storedTitles(site: Site): Promise<Set<string>> {
  const response = await fetch(`${site.example.url}/api/incidents`);
  const { incidents } = (await response.json()) as { incidents: { title: string }[] };
  return new Set(incidents.map(({ title }) => title));
}
