/** How much is measured. It is written into the results, so that a reader can judge them. */
export interface CostMethod {
  /** How often the processes are started anew, over HTTP with every subject and in-process with three variants. */
  readonly generations: { readonly overHttp: number; readonly withoutNetwork: number }
  /** Idle connections, and in how many processes of each subject they are opened. */
  readonly memory: { readonly connections: number; readonly runs: Runs }
  /** Fresh processes in which the start is measured. */
  readonly starts: number
  readonly shutdown: {
    /** Numbers of connections, and how many shutdowns of each subject are measured with so many. */
    readonly sizes: readonly (readonly [connections: number, runs: Runs])[]
    /** One connection in so many has a request in flight. */
    readonly inFlight: number
    /** When those are answered, in ms after the signal: evenly between the two. */
    readonly answered: { readonly from: number; readonly until: number }
    /** What the subjects are given, in ms. */
    readonly deadline: number
    /** A subject that is not gone by then, in ms, with `trialConnections`, is not asked for more. */
    readonly trial: { readonly connections: number; readonly deadline: number }
  }
  readonly rejections: {
    /** Clients that each come with one request after another, on a new connection each time. */
    readonly clients: number
    /** For how long, in ms. */
    readonly duration: number
    readonly runs: Runs
  }
}

/** The peers differ by more than the noise where they differ: fewer runs show it. */
export interface Runs {
  readonly ours: number
  readonly peers: number
}

export const fullMethod: CostMethod = {
  generations: { overHttp: 5, withoutNetwork: 6 },
  memory: { connections: 10_000, runs: { ours: 3, peers: 1 } },
  starts: 3,
  shutdown: {
    sizes: [
      [0, { ours: 3, peers: 1 }],
      [100, { ours: 3, peers: 1 }],
      [1_000, { ours: 3, peers: 1 }],
      [10_000, { ours: 3, peers: 2 }],
      [20_000, { ours: 3, peers: 1 }]
    ],
    inFlight: 10,
    answered: { from: 250, until: 500 },
    deadline: 10_000,
    trial: { connections: 100, deadline: 2_000 }
  },
  rejections: { clients: 50, duration: 1_500, runs: { ours: 3, peers: 1 } }
}

/** Little enough to see in a minute whether everything runs; its numbers say nothing. */
export const quickMethod: CostMethod = {
  ...fullMethod,
  generations: { overHttp: 2, withoutNetwork: 2 },
  memory: { connections: 500, runs: { ours: 1, peers: 1 } },
  starts: 1,
  shutdown: {
    ...fullMethod.shutdown,
    sizes: [0, 100, 1_000].map((connections) => [connections, { ours: 1, peers: 1 }])
  },
  rejections: { clients: 20, duration: 300, runs: { ours: 1, peers: 1 } }
}
