/** One way to shut a Fastify app down; `subjects/attach/<name>.js` sets it up. */
export interface Subject {
  readonly name: string
  /** Where it comes from; `null` where it is written by hand. */
  readonly package: string | null
  /** Whether it can go on serving with readiness failing before it drains. */
  readonly canWait: boolean
}

/** Everything that is compared, ours first; `none` is only a control for what the others cost. */
export const subjects: readonly Subject[] = [
  { name: 'fastify-lifecycle', package: 'fastify-lifecycle', canWait: true },
  { name: 'fastify-close', package: null, canWait: true },
  { name: 'by-hand', package: null, canWait: true },
  { name: 'close-with-grace', package: 'close-with-grace', canWait: true },
  { name: 'fastify-graceful-shutdown', package: 'fastify-graceful-shutdown', canWait: true },
  { name: 'fastify-traps', package: '@dnlup/fastify-traps', canWait: false },
  { name: 'fastify-graceful-exit', package: '@mgcrea/fastify-graceful-exit', canWait: false },
  { name: 'terminus', package: '@godaddy/terminus', canWait: true },
  { name: 'lightship', package: 'lightship', canWait: true },
  { name: 'http-terminator', package: 'http-terminator', canWait: true },
  { name: 'lil-http-terminator', package: 'lil-http-terminator', canWait: true },
  { name: 'http-graceful-shutdown', package: 'http-graceful-shutdown', canWait: true },
  { name: 'stoppable', package: 'stoppable', canWait: true },
  { name: 'graceful-server', package: '@gquittet/graceful-server', canWait: true },
  { name: 'nestjs', package: '@nestjs/core', canWait: true },
  { name: 'fastify-cli', package: 'fastify-cli', canWait: false }
]

/** The one that all this is about. */
export const ours = 'fastify-lifecycle'

/** How a subject is called on the page. */
export function titleOf(name: string): string {
  if (name === 'fastify-close') return '`app.close()` alone'
  if (name === 'by-hand') return 'by hand'
  if (name === 'nestjs') return 'NestJS'
  return subjects.find((subject) => subject.name === name)?.package ?? name
}
