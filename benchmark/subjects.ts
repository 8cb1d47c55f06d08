/** One way to shut a Fastify app down; `subjects/attach/<name>.js` sets it up. */
export interface Subject {
  readonly name: string
  /** Where it comes from; `null` where it is written by hand. */
  readonly package: string | null
}

/** Everything that is compared, ours first; `none` is only a control for what the others cost. */
export const subjects: readonly Subject[] = [
  { name: 'fastify-lifecycle', package: 'fastify-lifecycle' },
  { name: 'fastify-close', package: null },
  { name: 'close-with-grace', package: 'close-with-grace' },
  { name: 'fastify-graceful-shutdown', package: 'fastify-graceful-shutdown' },
  { name: 'fastify-traps', package: '@dnlup/fastify-traps' },
  { name: 'fastify-graceful-exit', package: '@mgcrea/fastify-graceful-exit' },
  { name: 'terminus', package: '@godaddy/terminus' },
  { name: 'lightship', package: 'lightship' },
  { name: 'http-terminator', package: 'http-terminator' },
  { name: 'lil-http-terminator', package: 'lil-http-terminator' },
  { name: 'http-graceful-shutdown', package: 'http-graceful-shutdown' },
  { name: 'stoppable', package: 'stoppable' },
  { name: 'graceful-server', package: '@gquittet/graceful-server' }
]

/** The one that all this is about. */
export const ours = 'fastify-lifecycle'

/** How a subject is called on the page. */
export function titleOf(name: string): string {
  if (name === 'fastify-close') return 'bare `close()`'
  return subjects.find((subject) => subject.name === name)?.package ?? name
}
