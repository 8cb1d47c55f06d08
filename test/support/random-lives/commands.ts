import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import fc from 'fast-check'
import type { HookPhase } from '../../../index.ts'
import { type MadeUpHook, time } from './app.ts'
import type { Expected, Model } from './model.ts'

type Command = fc.AsyncCommand<Model, object>

/** Something that happens to the process. */
function command(
  text: string,
  happen: (model: Model) => unknown,
  check: (model: Model) => boolean = () => true
): Command {
  return {
    check,
    async run(model) {
      await happen(model)
      await model.settle()
      model.check()
    },
    toString: () => text
  }
}

const which = fc.nat(1)

const pass = fc.oneof(fc.constantFrom(1, 499, 500, 501), fc.nat(1_500), fc.constant(6_000)).map((ms) =>
  command(`pass ${ms} ms`, async () => {
    await time.pass(ms)
  })
)

const boot = which.map((number) =>
  command(
    `boot ${number}`,
    async (model) => {
      const app = model.app(number)
      app.isBooted = true
      await app.observed.boot()
    },
    (model) => !model.app(number).isBooted
  )
)

const signal = fc.constantFrom('SIGTERM' as const, 'SIGINT' as const).map((name) =>
  command(
    name,
    (model) => {
      model.signal(name)
      process.emit(name, name)
    },
    (model) => model.isListening && (name === 'SIGTERM' || !model.isUnsure)
  )
)

const crash = fc.constantFrom('uncaughtException' as const, 'unhandledRejection' as const).map((type) =>
  command(
    type,
    (model) => {
      model.crash(type)
      const emitter: EventEmitter = process
      emitter.emit(type, new Error(type), type === 'uncaughtException' ? type : Promise.resolve())
    },
    (model) => model.isListening
  )
)

const close = which.map((number) =>
  command(`close ${number}`, (model) => {
    const app = model.app(number)
    model.close(app)
    app.observed.close()
  })
)

const shutdown = which.map((number) =>
  command(`shutdown ${number}`, (model) => {
    const app = model.app(number)
    model.shutdown('shutdown', app)
    app.observed.shutdown()
  })
)

const hook = fc
  .record({
    number: which,
    phase: fc.constantFrom<HookPhase>('lameDuck', 'draining', 'closing'),
    does: fc.constantFrom<MadeUpHook['does']>('returns', 'throws', 'takes a while', 'hangs'),
    mode: fc.constantFrom('named', 'none'),
    picks: fc.array(fc.nat(9), { maxLength: 2 })
  })
  .map(({ number, phase, does, mode, picks }) =>
    command(`hook of ${number} in '${phase}', ${mode} ${picks}, ${does}`, (model) => {
      const app = model.app(number)
      const names = app.hooks.filter((other) => !isEarlier(other.phase, phase)).map(({ name }) => name)
      const picked = picks.map((pick) => names[pick % names.length]).filter((name) => name !== undefined)
      const dependsOn = mode === 'none' ? undefined : [...new Set(picked)]
      const added = { name: `hook-${app.hooks.length}`, phase, does, dependsOn }
      if (app.reason === undefined) {
        app.observed.add(added)
        app.hooks.push(added)
      } else assert.throws(() => app.observed.add(added), { code: 'FST_LIFECYCLE_HOOK_TOO_LATE' })
    })
  )

function isEarlier(one: HookPhase, other: HookPhase): boolean {
  const order: readonly HookPhase[] = ['lameDuck', 'draining', 'closing']
  return order.indexOf(one) < order.indexOf(other)
}

const beginWork = which.map((number) =>
  command(`work for ${number}`, (model) => {
    const app = model.app(number)
    const { observed } = app
    const track = () => observed.app.lifecycle.track('work')
    const begin = () => {
      observed.work.push(track())
      if (app.reason !== undefined && !observed.hasReported) app.work++
    }
    if (isServing(app)) begin()
    else if (observed.phase !== 'draining') assert.throws(track, { code: 'FST_LIFECYCLE_TRACK_TOO_LATE' })
    // While the drain waits for others, what they begin is waited for, too; then it is over, and its hooks may not be.
    else {
      try {
        begin()
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'FST_LIFECYCLE_TRACK_TOO_LATE')
      }
    }
  })
)

const beginSteps = which.map((number) =>
  command(
    `work in steps for ${number}`,
    (model) => {
      // The second step may be refused, where the drain is over by then.
      model
        .app(number)
        .observed.workInSteps()
        .catch(() => {})
    },
    (model) => isServing(model.app(number))
  )
)

const endWork = fc.tuple(which, fc.nat(9)).map(([number, pick]) =>
  command(
    `work ${pick} for ${number} ends`,
    (model) => {
      const { work } = model.app(number).observed
      for (const ended of work.splice(pick % work.length, 1)) {
        ended.end()
        // Again: it must not count twice.
        ended.end()
      }
    },
    (model) => model.app(number).observed.work.length > 0
  )
)

const request = fc.tuple(which, fc.constantFrom('/', '/readyz', '/livez')).map(([number, url]) =>
  command(
    `GET ${url} from ${number}`,
    async (model) => {
      const app = model.app(number)
      if (url === '/readyz' && app.reason !== undefined) app.wasProbed = true
      const status = await app.observed.get(url)
      if (url === '/readyz' && app.reason !== undefined) assert.notEqual(status, 200)
      else if (isServing(app)) assert.equal(status, 200)
      // Who hands over goes on to serve what still comes.
      else if (url === '/' && !app.observed.handsOver) assert.notEqual(status, 200)
    },
    (model) => model.app(number).isBooted
  )
)

function isServing({ observed: { phase } }: Expected): boolean {
  return phase === 'starting' || phase === 'ready' || phase === 'lameDuck'
}

/** Anything that can happen, in any order; what happens often comes first. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    pass,
    hook,
    boot,
    signal,
    pass,
    beginWork,
    beginSteps,
    endWork,
    request,
    close,
    shutdown,
    crash,
    hook,
    signal
  ],
  { maxCommands: 30, size: 'max' }
)
