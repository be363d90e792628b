/**
 * `node scripts/image.ts`: belay's own image, made from this machine's own programs where no public
 * registry can be reached. Elsewhere: `docker build .`, which gives the same from named base images.
 */
import { parseArgs } from 'node:util';
import { ensureImage } from './image/ensure-image.ts';
import { belayRecipe } from './image/belay.ts';

const usage = 'usage: node scripts/image.ts [--tag HOST:PORT/NAME:TAG] [--no-push]';

try {
  const { values } = parseArgs({
    options: {
      tag: { type: 'string', default: '127.0.0.1:5000/belay:dev' },
      'no-push': { type: 'boolean', default: false },
    },
  });
  const done = await ensureImage(await belayRecipe(values.tag), { push: !values['no-push'] });
  console.log(`${values.tag}: ${done}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 1;
}
