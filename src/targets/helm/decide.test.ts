import { describe, expect, it } from 'vitest';
import { nextStep, type Standing } from './decide.ts';
import type { HelmRevision } from './history.ts';

const OURS = 'belay upgrade 1.2.2 → 1.3.0 (run r1)';
const entry = (revision: number, status: string, description = ''): HelmRevision => ({
  revision,
  status,
  description,
  updated: '2026-03-26T10:00:00.000Z',
  chart: 'web-1',
  appVersion: '1',
});
const before = [entry(1, 'superseded'), entry(2, 'deployed')];

const standing = (changed: Partial<Standing>): Standing => ({
  history: before,
  atRevision: false,
  declaresPins: false,
  liveDiffers: false,
  ownDescription: OURS,
  began: 2,
  lastIsMarked: false,
  ...changed,
});

const superseded = [entry(1, 'superseded'), entry(2, 'superseded')];
const marked = { lastIsMarked: true };

describe('the next step of a swap', () => {
  it.each<readonly [string, Partial<Standing>, string]>([
    ['an untouched release is upgraded', {}, 'upgrade'],
    [
      'one that declares the images by chance is upgraded all the same',
      { declaresPins: true },
      'upgrade',
    ],
    [
      'our own upgrade is watched',
      { history: [...superseded, entry(3, 'deployed', OURS)], declaresPins: true },
      'watch',
    ],
    [
      'our own failed upgrade is done again',
      { history: [...before, entry(3, 'failed', OURS)] },
      'upgrade',
    ],
    [
      'our own, marked, that says otherwise is done again',
      { history: [...superseded, entry(3, 'deployed', 'x')], ...marked },
      'upgrade',
    ],
    [
      'what a killed helm of ours left is led out first',
      { history: [...before, entry(3, 'pending-upgrade', 'Preparing upgrade')], ...marked },
      'recover 2',
    ],
    [
      'a stranger’s pending one stops',
      { history: [...before, entry(3, 'pending-upgrade', 'Preparing upgrade')] },
      'stop release-pending',
    ],
    [
      'one that was pending before stops',
      { history: [entry(1, 'deployed'), entry(2, 'pending-upgrade')], ...marked },
      'stop release-pending',
    ],
    [
      'a stranger’s new revision stops',
      { history: [...superseded, entry(3, 'deployed', 'Upgrade complete')] },
      'stop release-changed',
    ],
    [
      'one that is being removed stops',
      { history: [...before, entry(3, 'uninstalling')] },
      'stop release-pending',
    ],
    [
      'on the way back, a rollback',
      { history: [...superseded, entry(3, 'deployed', OURS)], toRevision: 2 },
      'rollback 2',
    ],
    [
      'on the way back out of a pending one, the same',
      { history: [...before, entry(3, 'pending-upgrade')], ...marked, toRevision: 2 },
      'rollback 2',
    ],
    [
      'a way back that has arrived is watched',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', OURS),
          entry(4, 'deployed', 'Rollback to 2'),
        ],
        toRevision: 2,
        atRevision: true,
      },
      'watch',
    ],
    [
      'a way back that was killed goes on',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', OURS),
          entry(4, 'pending-rollback', 'Rollback to 2'),
        ],
        toRevision: 2,
      },
      'rollback 2',
    ],
    [
      'where nothing was changed, a way back only watches',
      { toRevision: 2, atRevision: true },
      'watch',
    ],
    [
      'after leading it out, the upgrade follows',
      {
        history: [
          ...superseded,
          entry(3, 'pending-upgrade'),
          entry(4, 'deployed', 'Rollback to 2'),
        ],
      },
      'upgrade',
    ],
    [
      'what is declared and not on the cluster is declared again',
      {
        history: [...superseded, entry(3, 'deployed', OURS)],
        declaresPins: true,
        liveDiffers: true,
      },
      'upgrade',
    ],
    [
      'the same on the way back',
      { toRevision: 2, atRevision: true, liveDiffers: true },
      'rollback 2',
    ],
    [
      'a rollback that failed is done again, though nothing is deployed any more',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', OURS),
          entry(4, 'failed', 'Rollback "web" failed: exceeded quota'),
        ],
        toRevision: 2,
      },
      'rollback 2',
    ],
    [
      'and the upgrade after it',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', OURS),
          entry(4, 'failed', 'Rollback "web" failed: exceeded quota'),
        ],
      },
      'upgrade',
    ],
    [
      'killed between the two writes that end an upgrade: back to what served, then on',
      { history: [...superseded, entry(3, 'pending-upgrade', 'Preparing upgrade')], ...marked },
      'recover 2',
    ],
    [
      'never back to what was superseded without having served',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', 'Upgrade "web" failed: no'),
          entry(4, 'superseded', 'Preparing upgrade'),
          entry(5, 'pending-upgrade', 'Preparing upgrade'),
        ],
        ...marked,
      },
      'recover 2',
    ],
    [
      'a stranger’s failed upgrade stops',
      { history: [...before, entry(3, 'failed', 'Upgrade "web" failed: no')] },
      'stop release-changed',
    ],
    [
      'a stranger’s failed upgrade from before the operation does not',
      { history: [...before, entry(3, 'failed', 'Upgrade "web" failed: no')], began: 3 },
      'upgrade',
    ],
    [
      'a stranger’s rollback to what came in between stops',
      {
        history: [
          ...superseded,
          entry(3, 'superseded', OURS),
          entry(4, 'deployed', 'Rollback to 3'),
        ],
      },
      'stop release-changed',
    ],
    ['no history stops', { history: [] }, 'stop release-missing'],
  ])('%s', (_, changed, expected) => {
    const next = nextStep(standing(changed));
    const more = 'revision' in next ? ` ${next.revision}` : 'code' in next ? ` ${next.code}` : '';
    expect(`${next.do}${more}`).toBe(expected);
  });
});
