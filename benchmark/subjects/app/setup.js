/** What a subject's process is told when it is started. */
export const setup = {
  /** Ms that the shutdown may take. */
  deadline: 1_500,
  /** Ms to go on serving with readiness failing. */
  lameDuck: 0,
  /** Whether others take new connections at once, where a package can see to that. */
  handOver: undefined,
  /** Ms for which the event loop may stand still, where a package can see to that. */
  stall: undefined,
  /** What the shutdown hook does: logging and telling (`run`), then `fail`, `hang` or `block` the event loop. */
  cleanup: 'run',
  /** How many apps the process has. */
  apps: 1,
  /** Where the first app listens; 0 is any free port. */
  port: 0,
  host: '127.0.0.1',
  /** `http`, or `h2c` for HTTP/2 without TLS. */
  transport: 'http',
  /** Whether `@fastify/websocket` is registered. */
  websocket: false,
  /** Whether it logs: to a file, through a buffer that is written when it is full. */
  log: false,
  /** Whether the app ends its streams itself, in a `preClose` hook: all but fastify-lifecycle, which has an option. */
  byHand: process.argv[2] !== 'fastify-lifecycle',
  ...JSON.parse(process.argv[3] ?? '{}')
}
