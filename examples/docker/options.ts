import type { LifecycleOptions } from 'fastify-lifecycle'

/** What the app is registered with, and what Docker's values are worked out from. */
export const options: LifecycleOptions = { deadline: 20_000 }
