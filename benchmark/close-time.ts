import { parseArgs } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { median, quantile, shuffle } from 'simple-statistics'
import lifecycle from '../index.ts'

// npm run bench -- close: what `app.close()` takes at the end of a test, beside Fastify's own. All take turns in one
// process, in a new random order each round. The control is Fastify alone once more.

const { values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '200' } }
})

const apps: Readonly<Record<string, () => FastifyInstance>> = {
  'Fastify alone': () => Fastify(),
  'control: Fastify alone': () => Fastify(),
  'fastify-lifecycle': () => {
    const app = Fastify()
    app.register(lifecycle)
    return app
  }
}

/** What a test does before it closes its app. */
const tests: Readonly<Record<string, (app: FastifyInstance) => Promise<unknown>>> = {
  'injects one request': (app) => app.inject('/'),
  'listens, and nobody connects': (app) => app.listen({ port: 0, host: '127.0.0.1' }),
  'listens, and one `fetch` leaves its connection open': async (app) => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    await (await fetch(address)).text()
  }
}

/** What one test took, in ms. */
interface Took {
  readonly test: number
  readonly close: number
}

const rounds = Number(values.rounds)
console.log(`Node.js ${process.version}, Fastify ${Fastify().version}, ${rounds} tests of each kind, in ms\n`)
console.log('| a test that | with | `close()`: median (90th percentile) | all tests |\n|---|---|---|---|')
for (const [what, before] of Object.entries(tests)) {
  const took = new Map<string, Took[]>(Object.keys(apps).map((name) => [name, []]))
  for (let round = -5; round < rounds; round++) {
    for (const [name, make] of shuffle(Object.entries(apps))) {
      const one = await timed(make, before)
      if (round >= 0) took.get(name)?.push(one)
    }
  }
  for (const [name, each] of took) {
    const closes = each.map(({ close }) => close)
    const all = each.reduce((sum, { test }) => sum + test, 0)
    console.log(
      `| ${what} | ${name} | ${median(closes).toFixed(2)} (${quantile(closes, 0.9).toFixed(2)}) | ${all.toFixed(0)} |`
    )
  }
}

async function timed(
  make: () => FastifyInstance,
  before: (app: FastifyInstance) => Promise<unknown>
): Promise<Took> {
  const begin = performance.now()
  const app = make()
  app.get('/', async () => 'ok')
  await before(app)
  const closing = performance.now()
  await app.close()
  const end = performance.now()
  return { test: end - begin, close: end - closing }
}
