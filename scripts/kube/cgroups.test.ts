import { expect, test } from 'vitest';
import { cgroupMounts } from './cgroups.ts';

test('every hierarchy is found, whatever else is mounted', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '31 30 0:27 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu',
    '32 30 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '',
  ].join('\n');
  expect(cgroupMounts(mountinfo)).toEqual(['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified']);
});
