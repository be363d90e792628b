/**
 * Checks of the deployment as it is now.
 */
import semver from 'semver';
import { compareVersions, isSameVersion } from './compare-versions.ts';
import type { PlanFacts } from './facts.ts';
import { NOTHING, note, refuse, together, type Findings } from './findings.ts';

/** Whether an operation going to `to` may leave what runs now, whose files declare `from`. */
export function checkRuntime(
  operation: 'upgrade' | 'rollback',
  facts: PlanFacts,
  from: string,
): Findings {
  return together(
    checkClaim(facts),
    checkTools(facts),
    checkDrift(facts),
    checkReportedVersion(operation, facts, from),
    operation === 'upgrade' ? checkHealth(facts) : NOTHING,
    checkWayBack(facts),
  );
}

function checkClaim({ claim, deployment: { name } }: PlanFacts): Findings {
  if (!claim) return NOTHING;
  const what = `${claim.operation} ${claim.fromVersion} → ${claim.toVersion}`;
  return refuse(
    'claim',
    `${name}: the ${what} of run ${claim.runId}, since ${claim.startedAt}, has its claim on it`,
    `Wait until it has ended, or look with \`belay status ${name}\`; what a closed run left is taken back by the next operation`,
  );
}

function checkTools({ observed, deployment: { name } }: PlanFacts): Findings {
  const tooOld = Object.entries(observed?.leastTools ?? {}).map(([tool, least]) => {
    const version = semver.coerce(withoutLeadingZeros(observed?.tools[tool]));
    if (!version || semver.gte(version, least)) return NOTHING;
    return refuse(
      'tool-too-old',
      `${name}: ${tool} ${observed?.tools[tool] ?? ''} is too old; belay needs ${least} or newer`,
      `Upgrade ${tool} on the site's machine`,
    );
  });
  return together(...tooOld);
}

/** Docker's calendar versions, such as 19.03.5, are not semantic ones. */
function withoutLeadingZeros(version: string | undefined): string | undefined {
  return version?.replaceAll(/\.0+(?=\d)/g, '.');
}

function checkDrift({ observed, deployment: { name } }: PlanFacts): Findings {
  const drifted = Object.entries(observed?.components ?? {}).map(([component, { drift }]) =>
    drift === undefined
      ? NOTHING
      : refuse(
          'drift',
          `${name}: ${component} has drifted: ${drift}`,
          'Bring the running state and the files together by hand (apply or revert the edit), then start again',
        ),
  );
  return together(...drifted);
}

function checkReportedVersion(
  operation: 'upgrade' | 'rollback',
  { runningVersion, versionUnreadable, request, deployment: { name } }: PlanFacts,
  from: string,
): Findings {
  // A rollback is what mends such a deployment: it must not be refused for what it is to mend.
  const tolerant = operation === 'rollback' || request.evenIfUnhealthy === true;
  if (runningVersion === undefined) {
    if (versionUnreadable === undefined) return NOTHING;
    return tolerant
      ? note(`the running version could not be read; ${from} is what the files declare`)
      : refuse(
          'version-unreadable',
          `${name}: the running version could not be read: ${versionUnreadable}`,
          'Mend the deployment first, or accept it with --even-if-unhealthy',
        );
  }
  if (isSameVersion(runningVersion, from)) return NOTHING;
  return operation === 'rollback'
    ? note(`the application reports version ${runningVersion}, its files declare ${from}`)
    : refuse(
        'version-mismatch',
        `${name}: the application reports version ${runningVersion}, but its files declare ${from}`,
        'Find out which is right, and bring them together, then start again',
      );
}

function checkHealth({ healthBefore, request, deployment: { name, health } }: PlanFacts): Findings {
  if (!healthBefore || healthBefore.ok) return NOTHING;
  if (request.evenIfUnhealthy === true) {
    return note(
      'it is not healthy now, which was accepted: should the new version be bad too, the way back can hardly be proven',
    );
  }
  return refuse(
    'unhealthy-before',
    `${name}: it is not healthy before the upgrade: ${health.url}: ${healthBefore.why}`,
    'Mend it first, or accept it with --even-if-unhealthy',
  );
}

/** The way back compares images by their IDs: without one there is no proof. */
function checkWayBack({ fromPins, deployment: { name, components } }: PlanFacts): Findings {
  if (!fromPins) return NOTHING;
  const unknown = Object.keys(components)
    .filter((component) => !fromPins[component]?.imageId)
    .map((component) =>
      refuse(
        'from-image-unknown',
        `${name}: the ID of the image that ${component} runs now is not known, so there would be no way back`,
        'Start it once from an image that the engine has, then start again',
      ),
    );
  return together(...unknown);
}

/** Whether going from one version to the other is what the operation is for. */
export function checkDirection(
  operation: 'upgrade' | 'rollback',
  facts: PlanFacts,
  from: string,
  to: string,
): Findings {
  const { name } = facts.deployment;
  // Another revision of the same version differs by its configuration.
  if (isSameVersion(from, to))
    return facts.request.toRevision === undefined ? alreadyThere(facts, from) : NOTHING;
  const order = compareVersions(to, from);
  if (order === undefined) {
    return note(`${from} and ${to} are not both semantic versions: which is newer is not known`);
  }
  if (operation === 'upgrade' && order < 0) {
    return refuse(
      'downgrade',
      `${name}: ${to} is older than ${from}, which runs now`,
      `Go back with \`belay rollback ${name} --to ${to}\``,
    );
  }
  if (operation === 'rollback' && order > 0) {
    return refuse(
      'not-back',
      `${name}: ${to} is newer than ${from}, which runs now; a rollback never goes forward`,
      `Go forward with \`belay upgrade ${name} --to ${to}\``,
    );
  }
  return NOTHING;
}

function alreadyThere(
  { available, fromPins, deployment: { name } }: PlanFacts,
  from: string,
): Findings {
  const moved = Object.entries(available ?? {}).some(
    ([component, { imageId }]) => imageId !== (fromPins?.[component]?.imageId ?? imageId),
  );
  return moved
    ? refuse(
        'already-there',
        `${name}: it runs ${from} already, though another image is offered under that version now`,
        'Publish the new image under a version of its own',
      )
    : refuse('already-there', `${name}: it runs ${from} already`, 'There is nothing to do');
}
