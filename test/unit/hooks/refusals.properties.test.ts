import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HookPhase } from '../../../index.ts'
import { acyclic, phasesInOrder, type Scenario } from '../../support/hook-graphs.ts'
import { HookRun } from '../../support/hook-runs.ts'
import fc from '../../support/properties.ts'

type CodedError = Error & { readonly code: string }
type Hooks = readonly Scenario[]

describe('hooks that cannot be ordered are refused by name when the app boots, and each still runs:', () => {
  test('a circle', () =>
    everyRefusal(
      fc.tuple(acyclic, fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 4 })).map(withCircle),
      (error, hooks) => {
        assert.equal(error.code, 'FST_LIFECYCLE_HOOK_CYCLE')
        const [, circle = ''] = /first: (.*?)\. Take/.exec(error.message) ?? []
        const names = circle.split(' → ')
        assert.ok(names.length > 1 && names[0] === names.at(-1), error.message)
        assert.equal(new Set(names).size, names.length - 1, error.message)
        for (const [index, name] of names.slice(1).entries()) {
          assert.ok(namedBy(hooks, names[index]).includes(name), error.message)
        }
      }
    ))

  test('a name that no hook has', () =>
    everyRefusal(fc.tuple(acyclic, fc.nat(7), fc.nat(7)).map(withMistake), (error, hooks) => {
      assert.equal(error.code, 'FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN')
      const [, name, unknown = ''] = /hook '(.*?)' depends on '(.*?)'/.exec(error.message) ?? []
      assert.ok(namedBy(hooks, name).includes(unknown), error.message)
      assert.ok(!hooks.some((hook) => hook.name === unknown), error.message)
      const others = hooks.map((hook) => hook.name).filter((other) => other !== name)
      const [, advised] = /Did you mean '(.*?)'/.exec(error.message) ?? []
      if (others.length === 0) assert.match(error.message, /There is no other hook/)
      else if (others.some((other) => `${other}!` === unknown)) assert.equal(`${advised}!`, unknown)
      else assert.ok(others.includes(advised as string), error.message)
    }))

  test('a hook of an earlier phase', () =>
    everyRefusal(
      fc.tuple(acyclic, fc.nat(7), fc.nat(8), fc.constantFrom('draining', 'closing')).map(withEarlier),
      (error, hooks) => {
        assert.equal(error.code, 'FST_LIFECYCLE_HOOK_ORDER')
        const pattern = /hook '(.*?)' in '(.*?)' cannot stop before '(.*?)', .* phase '(.*?)'/
        const [, name, phase, other, earlier] = pattern.exec(error.message) ?? []
        assert.ok(namedBy(hooks, name).includes(other as string), error.message)
        assert.deepEqual([phase, earlier], [find(hooks, name).phase, find(hooks, other).phase])
        assert.ok(rank(earlier) < rank(phase), error.message)
      }
    ))
})

async function everyRefusal(
  arbitrary: fc.Arbitrary<Hooks>,
  check: (error: CodedError, hooks: Hooks) => void
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (hooks) => {
      const run = await HookRun.make({ deadline: 10_000_000, exit: false })
      run.add(hooks)
      const error = await run.app.ready().then(
        () => assert.fail('nothing was refused'),
        (error: CodedError) => error
      )
      check(error, hooks)
      await run.close()
      const lastInFirstOut = phasesInOrder.flatMap((phase) =>
        hooks.filter((hook) => hook.phase === phase).toReversed()
      )
      assert.deepEqual(
        run.started,
        lastInFirstOut.map(({ name }) => name)
      )
    }),
    { numRuns: 60 }
  )
}

/** Some hooks of one phase, each of which names the next, and the last one the first. */
function withCircle([hooks, picks]: [Hooks, number[]]): Hooks {
  const { phase } = at(hooks, picks[0] as number)
  const names = picks.map((pick) => at(hooks, pick)).filter((hook) => hook.phase === phase)
  const circle = [...new Set(names.map(({ name }) => name))]
  return hooks.map((hook) => {
    const index = circle.indexOf(hook.name)
    return index < 0 ? hook : naming(hook, circle[(index + 1) % circle.length] as string)
  })
}

function withMistake([hooks, pick, meant]: [Hooks, number, number]): Hooks {
  const mistaken = at(hooks, pick)
  return hooks.map((hook) => (hook === mistaken ? naming(hook, `${at(hooks, meant).name}!`) : hook))
}

function withEarlier([hooks, pick, position, phase]: [Hooks, number, number, HookPhase]): Hooks {
  const late = at(hooks, pick)
  const name = 'early'
  const early: Scenario = { ...late, name, phase: 'lameDuck', dependsOn: undefined }
  const changed = hooks.map((hook) => (hook === late ? naming({ ...hook, phase }, name) : hook))
  return changed.toSpliced(position, 0, early)
}

function naming(hook: Scenario, name: string): Scenario {
  return { ...hook, dependsOn: [...new Set([...(hook.dependsOn ?? []), name])] }
}

function at(hooks: Hooks, index: number): Scenario {
  return hooks[index % hooks.length] as Scenario
}

function find(hooks: Hooks, name: string | undefined): Scenario {
  return hooks.find((hook) => hook.name === name) as Scenario
}

function namedBy(hooks: Hooks, name: string | undefined): readonly string[] {
  return find(hooks, name)?.dependsOn ?? []
}

function rank(phase: string | undefined): number {
  return phasesInOrder.indexOf(phase as HookPhase)
}
