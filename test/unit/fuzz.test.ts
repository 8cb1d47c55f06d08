import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { deploymentFor } from '../../deployment/index.ts'
import lifecycle, { type LifecycleOptions } from '../../index.ts'
import { settingsOf } from '../../lib/options/settings.ts'
import { attempt, itemsOf } from '../../lib/validation/read.ts'
import { isName } from '../../lib/validation/validate.ts'
import { formatReport, reportToSVG } from '../../report/index.ts'
import { lifeOf } from '../../testing/app.ts'
import { assertHookOrder, fakeProcess } from '../../testing/index.ts'
import { command } from '../support/command.ts'
import { type Hostile, hostile } from '../support/hostile.ts'
import fc, { seed } from '../support/properties.ts'
import { clean } from '../support/reports.ts'

// Every value has the documented effect, or leads to a coded error of bounded length: nothing is ignored.

const mostOfMessage = 2_500

const counts = { calls: 0, effects: 0, errors: 0 }
after(() => {
  const { calls, effects, errors } = counts
  process.stdout.write(
    `# fuzz: seed ${seed}, ${calls} calls, ${effects} had their effect, ${errors} coded errors, 0 uncoded, 0 silent\n`
  )
})

/** One way to hand a value over. */
interface Slot {
  readonly name: string
  /** What is documented for the value: it has its effect, or it is refused; `'either'` where that depends on others. */
  takes(given: Hostile): boolean | 'either'
  /** Hands it over, and checks the effect where there is one to see. */
  give(given: Hostile): unknown
}

/** Hands a value over, and sees that what happens is what is documented. */
async function tryOut({ name, takes, give }: Slot, given: Hostile): Promise<void> {
  const expected = takes(given)
  counts.calls++
  try {
    await give(given)
  } catch (error) {
    if (error instanceof assert.AssertionError && error.operator !== 'assertHookOrder') throw error
    counts.errors++
    const { code, message } = error as { code?: unknown; message: string }
    assert.match(String(code), /^FST_|^ERR_ASSERTION$/, `${name}: ${given.label}: ${(error as Error).stack}`)
    assert.ok(message.length <= mostOfMessage, `${name}: ${given.label}: ${message.length} characters`)
    assert.notEqual(expected, true, `${name}: ${given.label} was refused: ${message.slice(0, 300)}`)
    return
  }
  counts.effects++
  assert.notEqual(expected, false, `${name}: ${given.label} was ignored`)
}

async function tryAll(slots: readonly Slot[], numRuns: number): Promise<void> {
  const property = fc.asyncProperty(fc.constantFrom(...slots), hostile, tryOut)
  await fc.assert(property, { numRuns, endOnFailure: true })
}

const isMs = ({ value }: Hostile) => typeof value === 'number' && value >= 0 && value < 2 ** 31
const isWhole = ({ value }: Hostile) => Number.isSafeInteger(value) && (value as number) >= 0
const isBoolean = ({ value }: Hostile) => typeof value === 'boolean'
const isEmptyArray = ({ value }: Hostile) => attempt(() => Array.isArray(value) && value.length === 0, false)
const areNames = ({ value }: Hostile) => {
  const names = itemsOf(value) ?? ['']
  return (
    names.every((name) => typeof name === 'string' && name !== '') && new Set(names).size === names.length
  )
}
const isEmpty = ({ isEmpty }: Hostile) => isEmpty
const isHandler = ({ isHandler }: Hostile) => isHandler
const isDisposable = ({ isDisposable }: Hostile) => isDisposable
const isText = ({ value }: Hostile) => typeof value === 'string' && value !== ''
const isShortText = ({ value }: Hostile) => isName(value)
const isPath = ({ value }: Hostile) =>
  value === false || (typeof value === 'string' && /^\/\w*$/.test(value) && value.length <= 1_000)
const is = (...values: unknown[]) => (({ value }: Hostile) => values.includes(value)) as Slot['takes']
const never = () => false

/** One that may be left out. */
function optional(takes: Slot['takes']): Slot['takes'] {
  return (given) => given.value === undefined || takes(given)
}

function any(...all: Slot['takes'][]): Slot['takes'] {
  return (given) => all.some((takes) => takes(given) === true)
}

/** Each option: where it is, what else it needs, what it takes, and where its value is found in the settings. */
const optionSlots: readonly (readonly [
  path: string,
  takes: Slot['takes'],
  others?: object,
  found?: string
])[] = [
  ['deadline', isMs, {}, 'deadline'],
  ['lameDuck', (given) => isMs(given) && (given.value as number) <= 9_000, {}, 'lameDuck.max'],
  ['drainTimeout', (given) => isMs(given) && (given.value as number) <= 9_000, {}, 'drainTimeout'],
  ['hookTimeout', isMs, {}, 'hookTimeout'],
  ['lameDuck.min', (given) => isMs(given) && (given.value as number) <= 10, { max: 10 }, 'lameDuck.min'],
  ['lameDuck.probes', isWhole, { max: 10 }, 'lameDuck.probes'],
  ['signals', any(is(false), isEmptyArray)],
  ['crashes', isBoolean, {}, 'crashes'],
  ['exit', isBoolean, {}, 'exit'],
  ['hardKill', any(isBoolean, isEmpty)],
  ['hardKill.margin', (given) => isMs(given) && (given.value as number) <= 9_000, {}, 'hardKill.margin'],
  ['hardKill.stall', (given) => isMs(given) && (given.value as number) > 0, {}, 'hardKill.stall'],
  ['retryAfter', any(is(false), isWhole)],
  ['rejection', ({ value }) => typeof value === 'function'],
  ['health', any(is(false), isEmpty)],
  ['health.live', isPath, {}, 'health.live'],
  ['health.ready', isPath, {}, 'health.ready'],
  ['health.startup', isPath, {}, 'health.startup'],
  ['health.details', any(isBoolean, is('errors')), {}, 'health.details'],
  ['health.openapi', isBoolean, {}, 'health.openapi'],
  ['health.logLevel', is('silent', 'info'), {}, 'health.logLevel'],
  ['health.routes', is(true), {}, 'health.routes'],
  ['health.port', (given) => isWhole(given) && (given.value as number) < 2 ** 16, {}, 'health.port'],
  ['health.host', isText, { port: 0 }, 'health.host'],
  ['websocket', isEmpty],
  ['websocket.code', never],
  ['websocket.reason', ({ value }) => typeof value === 'string' && Buffer.byteLength(value) <= 123],
  ['checks', isEmpty],
  ['hooks', isEmptyArray]
]

function optionsWith(path: string, others: object, value: unknown): LifecycleOptions {
  const [key, inner] = path.split('.') as [string, string?]
  return inner === undefined ? { [key]: value } : { [key]: { ...others, [inner]: value } }
}

function at(path: string, object: unknown): unknown {
  return path.split('.').reduce((part, key) => (part as Record<string, unknown>)[key], object)
}

/** Registers the plugin on an app of its own, so that nothing is left when it is over. */
async function register(
  options: unknown,
  after: (app: FastifyInstance) => unknown = () => {}
): Promise<void> {
  const app = Fastify()
  try {
    await app.register(lifecycle, options as LifecycleOptions)
    await after(app)
  } finally {
    await app.close().catch(() => {})
  }
}

async function makeApp(): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(lifecycle, { signals: false, exit: false, hardKill: false })
  return app
}

describe('a value that nobody should give', () => {
  test('as an option: as if it were asked for, or a coded error', async () => {
    const slots = optionSlots.map(([path, takes, others = {}, found]): Slot => {
      return {
        name: `the option ${path}`,
        takes: optional(takes),
        give({ value }) {
          const settings = settingsOf(optionsWith(path, others, value), {})
          if (found !== undefined && value !== undefined) assert.equal(at(found, settings), value)
        }
      }
    })
    const whole: Slot = {
      name: 'the options',
      takes: isEmpty,
      give: ({ value }) => settingsOf(value as object, {})
    }
    await tryAll([...slots, whole], 4_000)
  })

  test('to register', async () => {
    // A real port and a real host belong to the machine.
    const slots = optionSlots
      .filter(([path]) => !/port|host/.test(path))
      .map(([path, takes, others = {}]): Slot => {
        return {
          name: `register with ${path}`,
          takes: optional(takes),
          give: ({ value }) => register({ signals: false, ...optionsWith(path, others, value) })
        }
      })
    const check = (value: unknown) => ({ signals: false, checks: { db: value } })
    await tryAll(
      [
        ...slots,
        { name: 'register with a check', takes: isCheck, give: ({ value }) => register(check(value)) },
        {
          name: 'register with a hook',
          takes: any(isHandler, isDisposable),
          give: ({ value }) => register({ signals: false, hooks: [value] as never })
        },
        {
          name: 'the route config',
          takes: optional(isEmpty),
          give: ({ value }) =>
            register({ signals: false }, (app) =>
              app.get('/', { config: { lifecycle: value as object } }, async () => 'x')
            )
        }
      ],
      600
    )
  })

  test('to onShutdown', async () => {
    const app = await makeApp()
    const hooks = () =>
      lifeOf(app).hooks.plan('closing').hooks.length + lifeOf(app).hooks.plan('draining').hooks.length
    let number = 0
    const adds = (...args: unknown[]) => {
      const before = hooks()
      ;(app.onShutdown as (...given: unknown[]) => unknown)(...args)
      assert.equal(hooks(), before + 1)
    }
    const name = () => `hook ${number++}`
    const done = () => {}
    const slots: Slot[] = [
      { name: 'onShutdown(value)', takes: any(isHandler, isDisposable), give: ({ value }) => adds(value) },
      { name: 'onShutdown(name, value)', takes: isHandler, give: ({ value }) => adds(name(), value) },
      { name: 'onShutdown(value, handler)', takes: nameOrTaken, give: ({ value }) => adds(value, done) },
      {
        name: 'onShutdown(name, value, handler)',
        takes: isEmpty,
        give: ({ value }) => adds(name(), value, done)
      },
      {
        name: 'onShutdown(name, handler, value)',
        takes: never,
        give: ({ value }) => adds(name(), done, value)
      },
      {
        name: 'onShutdown({ name })',
        takes: (given) => (given.value === undefined ? true : nameOrTaken(given)),
        give: ({ value }) => adds({ name: value, handler: done })
      },
      { name: 'onShutdown({ handler })', takes: isHandler, give: ({ value }) => adds({ handler: value }) },
      {
        name: 'onShutdown({ timeout })',
        takes: optional(isMs),
        give: ({ value }) => adds({ handler: done, timeout: value })
      },
      {
        name: 'onShutdown({ phase })',
        takes: optional(never),
        give: ({ value }) => adds({ handler: done, phase: value })
      },
      {
        name: 'onShutdown({ dependsOn })',
        takes: optional(areNames),
        give: ({ value }) => adds({ handler: done, dependsOn: value })
      },
      {
        name: 'onShutdown({ signal })',
        takes: optional(never),
        give: ({ value }) => adds({ handler: done, signal: value })
      }
    ]
    await tryAll(slots, 1_500)
    await app.close().catch(() => {})
  })

  test('to addCheck, hold, track, shutdown and the events', async () => {
    const app = await makeApp()
    const { lifecycle: life } = app
    let number = 0
    const name = () => `name ${number++}`
    const call = (method: keyof typeof life, ...args: unknown[]) =>
      (life[method] as (...given: unknown[]) => unknown).apply(life, args)
    const has = () => lifeOf(app).health.checks.of('ready').length
    const addsCheck = (...args: unknown[]) => {
      const before = has()
      call('addCheck', ...args)
      assert.equal(has(), before + 1)
    }
    const holds = (value: unknown) => {
      const release = call('hold', value) as () => void
      assert.equal(lifeOf(app).health.holds.names.length, 1)
      release()
    }
    const tracks = (...args: unknown[]) => {
      const before = lifeOf(app).work.first(10_000).length
      const work = call('track', ...args) as Promise<unknown> | { end(): void }
      assert.equal(lifeOf(app).work.first(10_000).length, before + 1)
      if ('end' in work) work.end()
      else work.catch(() => {})
    }
    const isEvent = is('phase', 'hook', 'check', 'report')
    const slots: Slot[] = [
      {
        name: 'addCheck(value, check)',
        takes: nameOrTaken,
        give: ({ value }) => addsCheck(value, () => true)
      },
      { name: 'addCheck(name, value)', takes: isCheck, give: ({ value }) => addsCheck(name(), value) },
      {
        name: 'addCheck(name, { check })',
        takes: isCheck,
        give: ({ value }) => addsCheck(name(), { check: value })
      },
      ...(['timeout', 'ttl'] as const).map((key) => ({
        name: `addCheck(name, { ${key} })`,
        takes: optional(isMs),
        give: ({ value }: Hostile) => addsCheck(name(), { check: () => true, [key]: value })
      })),
      {
        name: 'addCheck(name, { critical })',
        takes: optional(isBoolean),
        give: ({ value }) => addsCheck(name(), { check: () => true, critical: value })
      },
      {
        name: 'addCheck(name, { probe })',
        takes: optional(never),
        give: ({ value }) => addsCheck(name(), { check: () => true, probe: value })
      },
      { name: 'hold(value)', takes: isText, give: ({ value }) => holds(value) },
      {
        name: 'track(value)',
        takes: (given) => isText(given) || given.isThenable || typeof given.value === 'function',
        give: ({ value }) => tracks(value)
      },
      {
        name: 'track(work, value)',
        takes: optional(any(isText, isEmpty)),
        give: ({ value }) => tracks(Promise.resolve(), value)
      },
      {
        name: 'track(work, { name })',
        takes: optional(isText),
        give: ({ value }) => tracks(Promise.resolve(), { name: value })
      },
      {
        name: 'track(work, { request })',
        takes: optional(never),
        give: ({ value }) => tracks(Promise.resolve(), { request: value })
      },
      ...(['on', 'once', 'off'] as const).flatMap((method) => [
        {
          name: `${method}(value, listener)`,
          takes: isEvent,
          give: ({ value }: Hostile) => call(method, value, () => {})
        },
        {
          name: `${method}(event, value)`,
          takes: isListener,
          give: ({ value }: Hostile) => call(method, 'hook', value)
        }
      ]),
      {
        name: 'shutdown(value)',
        takes: never,
        give: ({ value }) => {
          // A string, or nothing, begins a shutdown.
          call('shutdown', typeof value === 'string' || value === undefined ? 5 : value)
        }
      }
    ]
    await tryAll(slots, 3_000)
    await app.close().catch(() => {})
  })

  test('to the test kit', async () => {
    const app = await makeApp()
    const fake = fakeProcess(app)
    const slots: Slot[] = [
      { name: 'fakeProcess(value)', takes: never, give: ({ value }) => fakeProcess(value as never) },
      { name: 'fakeProcess([value])', takes: never, give: ({ value }) => fakeProcess([value] as never) },
      {
        name: 'fakeProcess({ lifecycle })',
        takes: never,
        give: ({ value }) => fakeProcess({ lifecycle: value } as never)
      },
      {
        name: 'fakeProcess(app, value)',
        takes: optional(isEmpty),
        give: ({ value }) => fakeProcess(app, value as never)
      },
      {
        name: 'fakeProcess(app, { maxWait })',
        takes: optional(isMs),
        give: ({ value }) => fakeProcess(app, { maxWait: value as number })
      },
      { name: 'kill(value)', takes: never, give: ({ value }) => fake.kill((value ?? 5) as never) },
      {
        name: 'crash(error, value)',
        takes: never,
        give: ({ value }) => fake.crash(new Error('x'), (value ?? 5) as never)
      },
      { name: 'hold(phase)', takes: never, give: ({ value }) => fake.hold(value as never) },
      {
        name: 'assertHookOrder(value)',
        takes: never,
        give: ({ value }) => assertHookOrder(value as never, 'db')
      },
      {
        name: 'assertHookOrder({ hooks })',
        takes: never,
        give: ({ value }) => assertHookOrder({ hooks: value } as never, 'db')
      },
      {
        name: 'assertHookOrder({ hooks: [value] })',
        takes: never,
        give: ({ value }) => assertHookOrder({ hooks: [value] } as never, 'db')
      },
      {
        name: 'assertHookOrder(report, value)',
        takes: never,
        give: ({ value }) => assertHookOrder(clean, value as never)
      }
    ]
    await tryAll(slots, 1_500)
    await app.close()
  })

  test('to deploymentFor', async () => {
    const all = (...args: unknown[]) => {
      const deployment = (deploymentFor as (...given: unknown[]) => ReturnType<typeof deploymentFor>)(...args)
      for (const values of Object.values(deployment)) assert.ok(values.toText().length > 0)
    }
    const slots = optionSlots.map(([path, takes, others = {}]): Slot => {
      return {
        name: `deploymentFor with ${path}`,
        // What fits into one platform's deadline may not fit into another's.
        takes: (given) => optional(takes)(given) && 'either',
        give: ({ value }) => all(optionsWith(path, others, value))
      }
    })
    const place = (key: string, takes: Slot['takes']): Slot => {
      return {
        name: `deploymentFor({}, { ${key} })`,
        takes: optional(takes),
        give: ({ value }) => all({}, { [key]: value })
      }
    }
    await tryAll(
      [
        ...slots,
        { name: 'deploymentFor(value)', takes: isEmpty, give: ({ value }) => all(value) },
        { name: 'deploymentFor({}, value)', takes: optional(isEmpty), give: ({ value }) => all({}, value) },
        place(
          'name',
          ({ value }) => typeof value === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)
        ),
        place('image', ({ value }) => typeof value === 'string' && /^\w[\w.\-/:@]*$/.test(value)),
        place(
          'port',
          ({ value }) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 16
        ),
        place('hosts', never),
        place('replicas', isWhole),
        place('grace', isMs),
        place('probe', isEmpty),
        {
          name: 'deploymentFor({}, { probe: { period } })',
          takes: optional((given) => isMs(given) && (given.value as number) > 0),
          give: ({ value }) => all({}, { probe: { period: value } })
        }
      ],
      2_000
    )
  })

  test('to the pictures of a report', async () => {
    const isDrawn = ({ value }: Hostile) =>
      (typeof value === 'string' || typeof value === 'number' ? 'either' : false) as 'either' | false
    const slots = Object.keys(clean).flatMap((key): Slot[] =>
      [formatReport, reportToSVG].map((draw) => {
        return {
          name: `${draw.name}({ ${key} })`,
          takes: () => 'either',
          give: ({ value }) => {
            assert.equal(typeof draw({ ...clean, [key]: value } as never), 'string')
          }
        }
      })
    )
    const options = [formatReport, reportToSVG].flatMap((draw): Slot[] => [
      { name: `${draw.name}(value)`, takes: never, give: ({ value }) => draw(value as never) },
      {
        name: `${draw.name}(report, value)`,
        takes: optional(isEmpty),
        give: ({ value }) => draw(clean, value as never)
      },
      {
        name: `${draw.name}(report, { width })`,
        takes: optional(isDrawn),
        give: ({ value }) => draw(clean, { width: value as number })
      }
    ])
    await tryAll([...slots, ...options], 1_500)
  })

  test('to the command: text, or a message and the exit code 2', async () => {
    const flags = [
      'deploy',
      '--for',
      'docker',
      '--deadline',
      '--name',
      '--json',
      '--host',
      '--',
      '-',
      '--__proto__',
      '--constructor=1',
      '--for=toString'
    ]
    const word = fc.oneof(
      fc.constantFrom(...flags),
      fc.string({ unit: 'binary' }),
      fc.constant('x'.repeat(100_000)),
      fc.constant('\ud800')
    )
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(word, { maxLength: 6 }), async (isRight, words) => {
        const args = isRight ? ['deploy', '--for', 'docker', ...words.slice(0, 2)] : words
        counts.calls++
        const { stdout, stderr, exitCode } = await command(args)
        if (exitCode === 0) counts.effects++
        else counts.errors++
        assert.ok(exitCode === 0 || exitCode === 2)
        assert.equal(exitCode === 0, stdout !== '')
        if (exitCode === 2) assert.ok(stderr !== '' && stderr.length <= mostOfMessage, stderr.slice(0, 500))
      }),
      { seed, numRuns: 1_000 }
    )
  })
})

test('what somebody has written into the prototype of all objects sets nothing', async () => {
  const polluted = Object.prototype as Record<string, unknown>
  const before = settingsOf({}, {})
  const written = {
    deadline: 5,
    checks: { db: () => false },
    live: '/x',
    max: 1,
    handler: () => {},
    timeout: 1,
    check: () => false
  }
  Object.assign(polluted, written)
  try {
    assert.deepEqual(settingsOf({}, {}), before)
    assert.throws(() => settingsOf({ checks: [] } as never, {}), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  } finally {
    for (const key of Object.keys(written)) delete polluted[key]
  }
})

/** A name may be one that was given before. */
function nameOrTaken(given: Hostile): 'either' | false {
  return isShortText(given) && 'either'
}

/** Nothing can be read of some functions, so that an emitter could not tell them apart. */
function isListener({ value, label }: Hostile): boolean {
  return typeof value === 'function' && label !== 'a proxy of a function' && label !== 'a revoked function'
}

/** A function, as what is called with one argument at most or more. */
function isCheck({ value }: Hostile): boolean {
  return typeof value === 'function'
}
