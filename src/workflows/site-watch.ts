/** Says so when a site's worker is away: activities have no schedule-to-start timeout and would wait in silence. */
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { controlActivities } from './activity-options.ts';
import type { RunState } from './state.ts';

const FIRST_LOOK_MS = 20_000;
/** The looks get rarer, so that a night without a worker doesn't fill the history. */
const MAX_LOOK_MS = 2 * 3_600_000;

/** Calls `body`, an activity of the site, and looks after its worker meanwhile. */
export class SiteWatch {
  private pending = 0;
  private readonly state: RunState;
  private readonly control: ReturnType<typeof controlActivities>;
  private scope: CancellationScope | undefined;

  constructor(state: RunState, control: ReturnType<typeof controlActivities>) {
    this.state = state;
    this.control = control;
  }

  /** Starts looking; ends with {@link stop}, and not with the scope that it was started in. */
  start(site: string): void {
    CancellationScope.nonCancellable(async () => {
      this.scope = new CancellationScope();
      await this.scope.run(() => this.look(site));
    }).catch((error: unknown) => {
      if (!isCancellation(error)) this.state.say('the site is no longer watched');
    });
  }

  stop(): void {
    this.scope?.cancel();
  }

  /** Counts `body` as work that the site has to do. */
  async during<T>(body: Promise<T>): Promise<T> {
    this.pending += 1;
    try {
      return await body;
    } finally {
      this.pending -= 1;
      this.state.stopWaiting();
    }
  }

  private async look(site: string): Promise<void> {
    let wait = FIRST_LOOK_MS;
    for (;;) {
      if (this.pending === 0) {
        // Waits of hours and days (approval, window, parked) must cost no events.
        await condition(() => this.pending > 0);
        wait = FIRST_LOOK_MS;
      }
      await sleep(wait);
      if (this.pending === 0) continue;
      wait = Math.min(wait * 2, MAX_LOOK_MS);
      const pollers = await this.pollers(site);
      if (pollers > 0) this.state.stopWaiting();
      else {
        this.state.waitFor(
          `the worker of site ${site}`,
          `Start \`belay up --site ${site}\` on that site; the operation goes on by itself`,
        );
      }
    }
  }

  /** A look that fails says nothing against the site. */
  private async pollers(site: string): Promise<number> {
    try {
      return (await this.control.describeSite({ site })).pollers;
    } catch (error) {
      if (isCancellation(error)) throw error;
      return 1;
    }
  }
}
