/**
 * A claim as it was written down, read with suspicion: another version of belay, or a person, may have written it.
 */
import { z } from 'zod';
import { parseJson } from '../domain/parse-json.ts';
import type { Claim } from '../domain/target.ts';

const pinsSchema = z.record(
  z.string(),
  z.object({ reference: z.string(), imageId: z.string(), digest: z.string().exactOptional() }),
);
const pointSchema = z.object({
  revision: z.number(),
  newest: z.number().exactOptional(),
  objects: z.record(z.string(), z.number()).exactOptional(),
});
const claimSchema = z.object({
  deployment: z.string(),
  operation: z.enum(['upgrade', 'rollback']),
  engine: z.string(),
  workflowId: z.string(),
  runId: z.string().min(1),
  planDigest: z.string(),
  fromVersion: z.string(),
  toVersion: z.string(),
  fromPins: pinsSchema,
  toPins: pinsSchema,
  fromPoint: pointSchema.exactOptional(),
  toPoint: pointSchema.exactOptional(),
  startedAt: z.string(),
  backup: z.string().exactOptional(),
  children: z.array(
    z.object({
      pgid: z.number(),
      startTicks: z.string(),
      program: z.string(),
      host: z.string().exactOptional(),
      endsBy: z.string().exactOptional(),
    }),
  ),
});

/** The claim in `text`, or why nobody can say whose it is. */
export function parseClaim(text: string): { readonly claim: Claim } | { readonly why: string } {
  const json = parseJson(text);
  if (json === undefined) return { why: 'it is not JSON' };
  const parsed = claimSchema.safeParse(json);
  if (parsed.success) return { claim: parsed.data };
  const issue = parsed.error.issues[0];
  return { why: issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is incomplete' };
}
