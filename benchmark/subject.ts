import { Child } from './child.ts'
import { Load } from './load.ts'
import { method } from './method.ts'
import type { Variant } from './variants.ts'

/** What one turn found, in microseconds per request. */
export interface Sample {
  /** CPU time that the process with the app used, all its threads together. */
  readonly cpu: number
  /** Time that passed, until the last request was answered. */
  readonly elapsed: number
}

/** A variant that waits for its turn to be measured. */
export interface Subject<Of extends Sample = Sample> {
  measure(): Promise<Of>
  stop(): Promise<void>
}

/** A server under the load of many connections: what a user would see. */
export async function overHttp(variant: Variant): Promise<Subject> {
  const child = new Child('server', variant)
  const load = new Load(await child.ask<number>('port'))
  return {
    measure: () =>
      sample(
        () => child.ask('cpu'),
        method.requestsOverHttp,
        (requests) => load.run(requests)
      ),
    async stop() {
      await load.close()
      child.stop()
    }
  }
}

/** The app alone, without sockets and parser: what a request costs, with the least noise. */
export async function withoutNetwork(variant: Variant): Promise<Subject> {
  const child = new Child('routing', variant)
  const serve = async (requests: number) => {
    const answered = await child.ask<number>('serve')
    if (answered !== requests) throw new Error(`${answered} of ${requests} requests were answered`)
  }
  return {
    measure: () => sample(() => child.ask('cpu'), method.requestsWithoutNetwork, serve),
    stop: async () => child.stop()
  }
}

/** `usedCpu` says what the app's process has used so far. */
export async function sample(
  usedCpu: () => Promise<number>,
  requests: number,
  work: (requests: number) => Promise<unknown>
): Promise<Sample> {
  const cpu = await usedCpu()
  const begin = performance.now()
  await work(requests)
  const elapsed = (performance.now() - begin) * 1_000
  return { cpu: ((await usedCpu()) - cpu) / requests, elapsed: elapsed / requests }
}
