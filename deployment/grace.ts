// The time between a platform's stop signal and its kill. It must be longer than `deadline`, so that
// it is the app that ends the process.

/** Whole seconds that leave a reserve, in ms, behind the deadline. */
export function secondsFor(deadline: number, reserve: number): number {
  return Math.ceil((deadline + reserve) / 1_000)
}

/**
 * What a kubelet gets on top of the deadline, in ms. Its clock starts before the signal is sent, and
 * between the two are the runtime and a node that may be busy. With it the plugin's own default in
 * Kubernetes, 25 s, needs just what Kubernetes gives by default, 30 s.
 */
export const clusterReserve = 5_000

/**
 * Time that a process manager on the same machine gives on top of the deadline, in ms. The thread that ends a
 * blocked process needs a moment. With it the plugin's default of 9 s fits into the 10 s of `docker stop`.
 */
export const hostReserve = 1_000
