/** What the demo was asked for. */
export interface DemoArguments {
  readonly target: 'compose' | 'helm';
  /** Whether it tears down at its end instead of waiting. */
  readonly once: boolean;
  /** A cluster of the user's; without it, one of the demo's own. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Where the user's nodes pull from. */
  readonly registry?: string;
}

/** Options as they were typed. */
export interface DemoOptions {
  readonly target: string;
  readonly once: boolean;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly registry?: string | undefined;
}

/**
 * Checks what goes together.
 *
 * @throws Error naming the option that does not.
 */
export function readDemoArguments(options: DemoOptions): DemoArguments {
  const { target, once, kubeconfig, context, registry } = options;
  if (target !== 'compose' && target !== 'helm') {
    throw new Error(`--target is compose or helm, and not ${JSON.stringify(target)}`);
  }
  const clusters = Object.entries({ kubeconfig, context, registry });
  for (const [name, value] of clusters) {
    if (value === undefined) continue;
    if (value === '') throw new Error(`--${name} names nothing`);
    if (target !== 'helm') throw new Error(`--${name} is for --target helm`);
    // The current context of whatever kubeconfig is at hand may be anybody's production.
    if (kubeconfig === undefined) throw new Error(`--${name} needs --kubeconfig`);
  }
  return {
    target,
    once,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(registry !== undefined && { registry }),
  };
}
