/**
 * How an operation must have been started, so that nothing but its own code can close it.
 */
import type { WorkflowInfo } from '@temporalio/workflow';
import type { Refusal } from '../domain/errors.ts';
import { whyNotName } from '../domain/names.ts';

/** The part of the workflow's info that matters here. */
export type StartInfo = Pick<
  WorkflowInfo,
  | 'workflowId'
  | 'workflowType'
  | 'taskQueue'
  | 'executionTimeoutMs'
  | 'runTimeoutMs'
  | 'retryPolicy'
  | 'cronSchedule'
>;

/** Every reason why a workflow started like this may not run; empty when it may. */
export function whyNotStart(info: StartInfo, deployment: unknown, expectedId: string): Refusal[] {
  return [
    ...nameProblems(info, deployment, expectedId),
    ...timeoutProblems(info),
    ...repeatProblems(info),
  ];
}

function nameProblems(info: StartInfo, deployment: unknown, expectedId: string): Refusal[] {
  if (typeof deployment !== 'string') {
    return [
      {
        code: 'bad-input',
        message: `The input of ${info.workflowType} has no "deployment" (a text)`,
        remedy: `Start it with --input '{"deployment":"acme","to":"1.3.0"}'`,
      },
    ];
  }
  const why = whyNotName(deployment);
  if (why) {
    return [
      {
        code: 'bad-name',
        message: `The deployment name ${JSON.stringify(deployment.slice(0, 80))} ${why}`,
        remedy: 'Use the name of a deployment file, as `belay status` lists them',
      },
    ];
  }
  if (info.workflowId === expectedId) return [];
  return [
    {
      code: 'wrong-workflow-id',
      message: `${info.workflowType} of ${deployment} was started under the workflow ID "${info.workflowId}"`,
      remedy: `Start it under the workflow ID "${expectedId}", so that two operations on one deployment exclude each other`,
    },
  ];
}

/** Some servers fill in a timeout of ten years where none was given; no operation lives longer than a year. */
const AS_GOOD_AS_NONE_MS = 365 * 24 * 3_600_000;

function timeoutProblems(info: StartInfo): Refusal[] {
  // The Temporal CLI writes 0 for none.
  const ends = (timeoutMs = 0) => timeoutMs > 0 && timeoutMs < AS_GOOD_AS_NONE_MS;
  const found = [
    ends(info.executionTimeoutMs) ? 'an execution timeout' : '',
    ends(info.runTimeoutMs) ? 'a run timeout' : '',
  ].filter(Boolean);
  if (found.length === 0) return [];
  return [
    {
      code: 'workflow-timeout',
      message: `${info.workflowType} was started with ${found.join(' and ')}: it would end the operation without undoing it`,
      remedy: 'Start it without execution and run timeouts; the phases have their own time limits',
    },
  ];
}

function repeatProblems(info: StartInfo): Refusal[] {
  const found = [
    info.retryPolicy ? 'a retry policy' : '',
    info.cronSchedule ? 'a cron schedule' : '',
  ].filter(Boolean);
  if (found.length === 0) return [];
  return [
    {
      code: 'workflow-repeat',
      message: `${info.workflowType} was started with ${found.join(' and ')}: it would run the operation again by itself`,
      remedy: 'Start it without a retry policy and without cron; activities are retried inside',
    },
  ];
}
