/** How much is measured. It is written into the results, so that a reader can judge them. */
export const method = {
  /** How often the three processes are started anew. Over HTTP there is more noise to level out. */
  generationsOverHttp: 14,
  generationsWithoutNetwork: 8,
  /** How often each of them gets its turn, in each generation. */
  rounds: 12,
  /** Turns that are not counted, in which the code gets hot. */
  warmUp: 5,
  /** Requests in one turn over HTTP. A number, not a time, so that every turn does the same work. */
  requestsOverHttp: 2_000,
  /** Requests in one turn without a network. */
  requestsWithoutNetwork: 10_000,
  /** Keep-alive connections over HTTP. */
  connections: 50,
  /** Fresh processes in which the start is measured, for each variant. */
  starts: 6,
  /** How often the samples are drawn again for the intervals. */
  resamples: 2_000,
  /**
   * What every measured process is started with: a heap so large that the old part of it is not
   * collected while it is measured. Such a collection may make V8 forget the shape of the object behind
   * `process.nextTick`, and each call is slower from then on, for good (next-tick.ts). In so short a life it
   * is chance which process that happens to.
   */
  nodeOptions: ['--initial-heap-size=512']
} as const
