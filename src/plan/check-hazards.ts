/**
 * Dangers that the target named: each is refused unless the request accepts it by its name.
 */
import type { PlanFacts } from './facts.ts';
import { note, refuse, together, type Findings } from './findings.ts';

/** What was accepted is noted: it is part of what an approver reads, and of the digest. */
export function checkHazards({ observed, hazards = [], request, deployment }: PlanFacts): Findings {
  const accepted = request.accept ?? [];
  const all = [...(observed?.hazards ?? []), ...hazards];
  const judged = all.map(({ name, message, remedy }) =>
    accepted.includes(name)
      ? note(`accepted (${name}): ${message}`)
      : refuse(
          `hazard:${name.split(':')[0] ?? name}`,
          `${deployment.name}: ${message}`,
          `${remedy}; or accept it with --accept ${name}`,
        ),
  );
  const idle = accepted
    .filter((name) => !all.some((hazard) => hazard.name === name))
    .map((name) => note(`"${name}" was accepted, and there is nothing of that name`));
  return together(...judged, ...idle);
}
