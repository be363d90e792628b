import { fileURLToPath } from 'node:url';
import { run, type Ran, type Site } from '../scripts/stack/site.ts';

/** Who upgrades. */
export type Contender = 'baseline' | 'belay';

const SCRIPT = fileURLToPath(new URL('./baseline/upgrade.sh', import.meta.url));
const AT_MOST_MS = 240_000;

/** Exit code of both contenders for an upgrade that was taken back. */
export const ROLLED_BACK = 3;

/** Upgrades the site to a version; never throws for an exit code. */
export function upgradeBy(contender: Contender, site: Site, to: string): Promise<Ran> {
  if (contender === 'belay') {
    const argv = ['upgrade', site.example.name, '--to', to, '--json', '--reason', 'bench'];
    return site.belay(argv, { timeoutMs: AT_MOST_MS });
  }
  const { directory, url, backups, logs } = site.example;
  return run(['bash', SCRIPT], {
    cwd: directory,
    timeoutMs: AT_MOST_MS,
    env: {
      ATLAS_VERSION: to,
      HEALTH_URL: `${url}/api/health`,
      BACKUP_DIR: backups,
      LOG_DIR: logs,
    },
  });
}
