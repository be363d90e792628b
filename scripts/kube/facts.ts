import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { processIdentitySchema } from '../stack/process-identity.ts';

/** What a running cluster says of itself. */
export const clusterFactsSchema = z.object({
  kubeconfig: z.string(),
  nodeName: z.string(),
  /** API server (port 6443) and NodePorts, reachable from the host alone. */
  nodeAddress: z.string(),
  /** Where pods reach what listens on the host. */
  hostAddress: z.string(),
  /** `v1.34.4`. */
  version: z.string(),
});

export type ClusterFacts = z.infer<typeof clusterFactsSchema>;

/** What a cluster makes outside its namespaces, so that the next one finds what a killed one left. */
export const tracesSchema = z.object({
  device: z.string(),
  cgroup: z.string(),
  /** The process in the namespaces' front: when it is gone, everything inside them is. */
  front: processIdentitySchema.optional(),
});

export type Traces = z.infer<typeof tracesSchema>;

/** Reads what {@link writeFacts} wrote; nothing when it is not there or is something else. */
export function readFacts<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a file of facts whole or not at all. */
export function writeFacts(file: string, facts: ClusterFacts | Traces): void {
  writeFileSync(`${file}.partial`, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}
