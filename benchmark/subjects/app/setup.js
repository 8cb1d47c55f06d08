/** What a subject's process is told when it is started. */
export const setup = {
  /** Ms that the shutdown may take. */
  deadline: 1_500,
  /** Ms to go on serving with readiness failing. */
  lameDuck: 0,
  /** What the shutdown hook does: nothing but telling (`run`), never ending (`hang`), blocking the loop (`block`). */
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
  /** A file to log to, through a buffer that is written when it is full. */
  logFile: undefined,
  ...JSON.parse(process.argv[3] ?? '{}')
}
