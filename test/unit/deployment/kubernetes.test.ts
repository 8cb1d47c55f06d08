import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { expectTypeOf } from 'expect-type'
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1'
import { parse } from 'yaml'
import { deploymentFor, type KubernetesManifest } from '../../../deployment/index.ts'
import type { LifecycleOptions } from '../../../index.ts'
import { settingsOf } from '../../../lib/options/settings.ts'
import fc from '../../support/properties.ts'

/** What `Ours` has that `Theirs` does not know. */
type Strays<Ours, Theirs> = Ours extends readonly (infer Item)[]
  ? NonNullable<Theirs> extends readonly (infer Other)[]
    ? Strays<Item, Other>
    : 'a sequence'
  : Ours extends object
    ? {
        [Key in keyof Ours]-?: Key extends keyof NonNullable<Theirs>
          ? Strays<NonNullable<Ours[Key]>, NonNullable<Theirs>[Key]>
          : Key
      }[keyof Ours]
    : never

const times = {
  deadline: fc.integer({ min: 0, max: 600_000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true })
}

/** Options that `register` would take in Kubernetes. */
const validOptions: fc.Arbitrary<LifecycleOptions> = fc
  .record({
    ...times,
    drained: times.share,
    given: fc.subarray(['deadline', 'lameDuck', 'drainTimeout', 'early'])
  })
  .map(({ deadline, share, drained, given }): LifecycleOptions => {
    const lameDuck = Math.floor(deadline * share)
    const drainTimeout = Math.floor((deadline - lameDuck) * drained)
    return {
      ...(given.includes('deadline') && { deadline }),
      ...(given.includes('lameDuck') && { lameDuck: given.includes('early') ? { max: lameDuck } : lameDuck }),
      ...(given.includes('drainTimeout') && { drainTimeout })
    }
  })
  .filter((options) => {
    try {
      settingsOf(options, { KUBERNETES_SERVICE_HOST: '10.0.0.1' })
      return true
    } catch {
      return false
    }
  })

describe('the values for Kubernetes', () => {
  test('are those of its own defaults, where nothing is said', () => {
    const { terminationGracePeriodSeconds, readinessProbe, lameDuckAtLeast, warnings, budget } =
      deploymentFor({}).kubernetes
    assert.equal(terminationGracePeriodSeconds, 30)
    assert.deepEqual(readinessProbe, {
      httpGet: { path: '/readyz', port: 3000 },
      periodSeconds: 2,
      timeoutSeconds: 1,
      failureThreshold: 2
    })
    assert.equal(lameDuckAtLeast, 5_000)
    assert.deepEqual(budget, { deadline: 25_000, lameDuck: 5_000, drainTimeout: 16_000, hooks: 4_000 })
    assert.deepEqual(warnings, [])
  })

  test('have the budget inside the deadline, and the deadline inside the grace period', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        const { budget, terminationGracePeriodSeconds } = deploymentFor(options).kubernetes
        const { deadline, lameDuck, drainTimeout, hooks } = budget
        assert.ok(lameDuck + drainTimeout + hooks <= deadline + 1e-6)
        assert.ok(deadline <= terminationGracePeriodSeconds * 1_000 - 5_000)
        assert.ok(terminationGracePeriodSeconds * 1_000 < deadline + 6_000, 'no longer than it must be')
      })
    )
  })

  test('have a readiness probe that the lame duck covers, or a warning where there is no time for one', () => {
    fc.assert(
      fc.property(validOptions, (options) => {
        const { budget, readinessProbe, lameDuckAtLeast, warnings } = deploymentFor(options).kubernetes
        const { periodSeconds, timeoutSeconds, failureThreshold } = readinessProbe as NonNullable<
          typeof readinessProbe
        >
        const noticed = (periodSeconds * failureThreshold + timeoutSeconds) * 1_000
        assert.equal(lameDuckAtLeast, noticed)
        const isWarned = warnings.some((warning) => warning.includes('Raise `lameDuck` to at least 2000 ms'))
        assert.equal(isWarned, budget.lameDuck < 2_000)
        assert.equal(isWarned, noticed > budget.lameDuck, 'what can be covered is')
        assert.ok(periodSeconds >= 1 && periodSeconds <= 10 && timeoutSeconds >= 1)
      })
    )
  })

  test('probe as seldom as the lame duck allows, and believe two failures rather than one', () => {
    const probed = (lameDuck: number) => {
      const probe = deploymentFor({ deadline: 60_000, lameDuck }).kubernetes.readinessProbe
      return [probe?.periodSeconds, probe?.timeoutSeconds, probe?.failureThreshold]
    }
    assert.deepEqual([2_000, 3_000, 10_000, 40_000].map(probed), [
      [1, 1, 1],
      [1, 1, 2],
      [4, 1, 2],
      [10, 1, 2]
    ])
  })
})

describe('the manifest', () => {
  const everything = {
    health: { live: '/up', ready: "/ready'$", startup: '/started', port: 9_000 },
    hardKill: false
  } as const

  for (const [what, options] of [
    ['the defaults', {}],
    ['every part', everything],
    ['no probes', { health: false }]
  ] as const) {
    test(`is what the published schema of a Deployment takes, with ${what}`, () => {
      const { manifest } = deploymentFor(options, {
        name: 'orders',
        image: 'registry:5000/orders@sha256:0',
        replicas: 3
      }).kubernetes
      const read = parse(
        deploymentFor(options, {
          name: 'orders',
          image: 'registry:5000/orders@sha256:0',
          replicas: 3
        }).kubernetes.toText()
      )
      assert.deepEqual(read, JSON.parse(JSON.stringify(manifest)))
      new Deployment(read).validate()
    })
  }

  test('would be refused by that schema if it were wrong', () => {
    const wrong = JSON.parse(JSON.stringify(deploymentFor({}).kubernetes.manifest))
    wrong.spec.template.spec.terminationGracePeriodSeconds = '30s'
    assert.throws(() => new Deployment(wrong).validate(), /terminationGracePeriodSeconds/)
  })

  test('has no field that Kubernetes does not know', () => {
    expectTypeOf<Strays<KubernetesManifest, IDeployment>>().toBeNever()
    expectTypeOf<Strays<{ spec: { replica: 1 } }, IDeployment>>().toEqualTypeOf<'replica'>()
  })

  test('replaces a pod only when the next one is ready', () => {
    const { strategy } = deploymentFor({}).kubernetes.manifest.spec
    assert.deepEqual(strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
  })

  test('probes on the port that the probes have for themselves, with paths as a request has them', () => {
    const [container] = deploymentFor(everything).kubernetes.manifest.spec.template.spec.containers
    assert.deepEqual(container.ports, [
      { name: 'http', containerPort: 3000 },
      { name: 'probes', containerPort: 9000 }
    ])
    assert.deepEqual(
      [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
        (probe) => probe?.httpGet
      ),
      ['/started', '/ready%27%24', '/up'].map((path) => ({ path, port: 9000 }))
    )
  })

  test('looks for the last words where the app writes them, and otherwise in its log', () => {
    const containerFor = (terminationLog?: string | false) =>
      deploymentFor({ terminationLog }).kubernetes.manifest.spec.template.spec.containers[0]
    for (const usual of [undefined, false, '/dev/termination-log'] as const) {
      const container = containerFor(usual)
      assert.equal(container.terminationMessagePolicy, 'FallbackToLogsOnError')
      assert.equal('terminationMessagePath' in container, false)
    }
    assert.equal(containerFor('/run/last-words').terminationMessagePath, '/run/last-words')
  })

  test('probes on the port of the app, where that of the probes is another each time', () => {
    const { readinessProbe } = deploymentFor(
      { health: { port: 0, routes: true } },
      { port: 8_080 }
    ).kubernetes
    assert.equal(readinessProbe?.httpGet.port, 8_080)
  })

  test('has a grace period of whole seconds, also where it is settled', () => {
    const { terminationGracePeriodSeconds } = deploymentFor({}, { grace: 30_999 }).kubernetes
    assert.equal(terminationGracePeriodSeconds, 30)
  })
})
