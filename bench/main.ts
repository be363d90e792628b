/** `npm run bench -- NAME [options]`: measures belay on a real stack. */
import { HELP as CLUSTER_HELP, benchCluster } from './cluster.ts';
import { HELP as UPGRADE_HELP, benchUpgrade } from './upgrade.ts';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  upgrade: benchUpgrade,
  cluster: benchCluster,
};

const [name = '', ...args] = process.argv.slice(2);
process.exitCode = await bench().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});

async function bench(): Promise<number> {
  const asksForHelp = [name, ...args].some((arg) => arg === '--help' || arg === '-h');
  const run = benches[name];
  if (run !== undefined && !asksForHelp) return run(args);
  const known = name === '' || asksForHelp;
  process.stdout.write(
    `${known ? '' : `There is no bench ${name}. `}There are:\n\n${UPGRADE_HELP}\n${CLUSTER_HELP}`,
  );
  return known ? 0 : 2;
}
