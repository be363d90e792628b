import { describe, expect, it } from 'vitest';
import { readDemoArguments } from './arguments.ts';

const plain = { target: 'helm', once: true } as const;

describe('readDemoArguments', () => {
  it.each([
    [{ target: 'compose', once: false }],
    [plain],
    [{ ...plain, kubeconfig: 'k' }],
    [{ ...plain, kubeconfig: 'k', context: 'c', registry: 'r:1' }],
  ])('takes %j as it is', (options) => {
    expect(readDemoArguments(options)).toEqual(options);
  });

  it.each([
    [{ ...plain, target: 'podman' }, '--target is compose or helm, and not "podman"'],
    [{ target: 'compose', once: true, kubeconfig: 'k' }, '--kubeconfig is for --target helm'],
    [{ ...plain, context: 'c' }, '--context needs --kubeconfig'],
    [{ ...plain, registry: 'r:1' }, '--registry needs --kubeconfig'],
    [{ ...plain, kubeconfig: '' }, '--kubeconfig names nothing'],
  ])('refuses %j', (options, message) => {
    expect(() => readDemoArguments(options)).toThrow(message);
  });
});
