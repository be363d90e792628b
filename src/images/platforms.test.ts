import { describe, expect, it } from 'vitest';
import { choosePlatform } from './platforms.ts';

const [AMD, ARM, S390] = ['linux/amd64', 'linux/arm64', 'linux/s390x'] as const;

describe('the platform that is taken', () => {
  it.each<[string, readonly string[], readonly string[], string | undefined]>([
    ['the only one, of one kind of nodes', [AMD], [AMD], AMD],
    ["the nodes', of several offered", [ARM, AMD], [AMD], AMD],
    ['none, where the nodes are of another', [ARM], [AMD], undefined],
    ['none, where nothing is offered', [], [AMD], undefined],
    ['the only one, where it is among the nodes’', [ARM], [AMD, ARM], ARM],
    ['the first node’s, where all are offered', [ARM, AMD], [AMD, ARM], AMD],
    ['none, where no node has it', [S390], [AMD, ARM], undefined],
    ['the only one, of unknown nodes', [ARM], [], ARM],
    ["the worker's own, of unknown nodes", [ARM, AMD], [], AMD],
    ["the first, where the worker's own is not offered", [ARM, S390], [], ARM],
    ['none, where nothing is offered to unknown nodes', [], [], undefined],
  ])('is %s', (_, offered, platforms, taken) => {
    expect(choosePlatform(offered, platforms, AMD)).toBe(taken);
  });
});
