import { expect, it } from 'vitest';
import { hooksOfRollback } from './rollback-hooks.ts';

const hook = (name: string, events: string) => `---
# Source: web/templates/hook.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: {helm.sh/hook: "${events}"}}
`;

it('a way back runs the hooks of a rollback and no others', () => {
  const manifest = [
    hook('migrate', 'pre-install,pre-upgrade'),
    hook('undo', 'pre-upgrade, pre-rollback'),
    hook('tell', 'post-rollback,pre-rollback'),
    hook('check', 'test'),
  ].join('');
  expect(hooksOfRollback(manifest)).toEqual([
    'Job/undo (pre-rollback)',
    'Job/tell (post-rollback, pre-rollback)',
  ]);
  expect(hooksOfRollback('')).toEqual([]);
});
