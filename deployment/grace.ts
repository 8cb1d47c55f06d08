// The grace period is the time between a platform's stop signal and its kill. It must be longer than `deadline`, so
// that the app ends the process, and not the platform.

/** The grace period in whole seconds: the deadline and a reserve, both in ms, rounded up. */
export function secondsFor(deadline: number, reserve: number): number {
  return Math.ceil((deadline + reserve) / 1_000)
}

/**
 * The reserve in Kubernetes, in ms. The kubelet's clock starts before the container runtime sends the signal, and a
 * busy node delays the signal further. With this reserve, the plugin's default deadline in Kubernetes, 25 s, fits
 * into the default grace period of Kubernetes, 30 s.
 */
export const clusterReserve = 5_000

/**
 * The reserve for a process manager on the same machine, in ms. The watchdog needs a moment to end a blocked
 * process. With this reserve, the plugin's default deadline of 9 s fits into the 10 s of `docker stop`.
 */
export const hostReserve = 1_000
