import type pg from 'pg';

/** One row as the API shows it. */
export interface Incident {
  readonly id: number;
  readonly title: string;
  readonly created_at: Date;
}

const longestTitle = 500;

/** The title in a request's body, or undefined when the body is not `{"title": "..."}`. */
export function titleIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('title' in body)) return undefined;
  const { title } = body;
  if (typeof title !== 'string' || title.length === 0 || title.length > longestTitle) {
    return undefined;
  }
  return title;
}

/** Stores an incident; it is committed when this resolves, so an answered request is never lost. */
export async function addIncident(pool: pg.Pool, title: string): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    'insert into incidents (title) values ($1) returning id::int',
    [title],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('the database returned no id for a new incident');
  return id;
}

/** Every incident, oldest first. */
export async function listIncidents(pool: pg.Pool): Promise<readonly Incident[]> {
  const { rows } = await pool.query<Incident>(
    'select id::int, title, created_at from incidents order by incidents.id',
  );
  return rows;
}

/** How many incidents there are. */
export async function countIncidents(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from incidents',
  );
  return rows[0]?.count ?? 0;
}
