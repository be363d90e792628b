/**
 * `belay doctor`: looks for what is missing on this machine, and says how to get it.
 */
import { EXIT } from '../exit-codes.ts';
import type { EngineOptions } from '../options.ts';
import type { Output } from '../output.ts';

/** Runs every check; exit 1 when one of them failed. Starts nothing and changes nothing. */
export async function doctor(options: EngineOptions, output: Output): Promise<number> {
  const { runChecks } = await import('../checks.ts');
  const results = await runChecks(options.profile, process.env);
  for (const { ok, name, found, remedy } of results) {
    const mark = ok ? output.style('good', '✓') : output.style('bad', '✗');
    output.say(`${mark} ${name.padEnd(12)} ${found}`);
    if (!ok && remedy) output.say(`  ${output.style('dim', `→ ${remedy}`)}`);
  }
  const ok = results.every((result) => result.ok);
  output.answer({ ok, checks: results });
  return ok ? EXIT.succeeded : EXIT.failed;
}
