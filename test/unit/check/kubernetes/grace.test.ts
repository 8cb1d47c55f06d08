import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LifecycleOptions } from '../../../../index.ts'
import { checkFiles, findingsOf, said } from '../../../support/check.ts'

/** A Deployment whose pod has these lines, each with its own indentation. */
function deployment({ spec = '', pod = '', container = '' } = {}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
${spec}  template:
    spec:
${pod}      containers:
        - name: app
          image: orders:1
${container}`
}

function grace(manifest: string, options: LifecycleOptions = {}): readonly string[] {
  return said(checkFiles({ 'a.yaml': manifest }, { options })).filter((line) =>
    /grace|misplaced|read/.test(line)
  )
}

const pod = (value: string) => deployment({ pod: `      terminationGracePeriodSeconds: ${value}\n` })
const preStop = (hook: string, seconds = 30) =>
  deployment({
    pod: `      terminationGracePeriodSeconds: ${seconds}\n`,
    container: `          lifecycle:\n            preStop: ${hook}\n`
  })

describe('the grace period of a pod', () => {
  test('is the 30 s of Kubernetes where nothing is written, at the line of the pod', () => {
    assert.deepEqual(grace(deployment()), [])
    assert.deepEqual(grace(deployment(), { deadline: 25_001 }), ['8 grace-too-short warning'])
    assert.deepEqual(grace(deployment(), { deadline: 30_001 }), ['8 grace-too-short error'])
    assert.deepEqual(grace(pod('null'), { deadline: 30_001 }), ['9 grace-too-short error'])
  })

  test('must be longer than the deadline by 5 s, and the finding says what to write', () => {
    assert.deepEqual(grace(pod('45'), { deadline: 40_000 }), [])
    const result = checkFiles({ 'a.yaml': pod('44') }, { options: { deadline: 40_000 } })
    const [finding] = findingsOf(result, 'grace-too-short')
    assert.deepEqual([finding?.line, finding?.column, finding?.severity], [9, 7, 'warning'])
    assert.match(finding?.write ?? '', /`terminationGracePeriodSeconds: 45`, or lower `deadline` to 39000 ms/)
    assert.equal(finding?.subject, 'Deployment orders, container app')
  })

  test('of 0 is a kill', () => {
    const [finding] = findingsOf(checkFiles({ 'a.yaml': pod('0') }), 'grace-too-short')
    assert.match(finding?.follows ?? '', /killed at once/)
  })

  test('is shorter by what a preStop hook takes', () => {
    const hooks = [
      '{ sleep: { seconds: 10 } }',
      '{ exec: { command: ["sleep", "10"] } }',
      '{ exec: { command: ["/bin/sh", "-c", "sleep 10"] } }',
      '{ exec: { command: ["sh", "-c", "nginx -s quit; /bin/sleep 5 && sleep 5s"] } }'
    ]
    for (const hook of hooks) {
      const said = checkFiles({ 'a.yaml': preStop(hook) }).findings.find(
        ({ rule }) => rule === 'grace-too-short'
      )
      assert.match(said?.is ?? hook, /less the 10 s of the preStop hook, of 20000 ms/)
      assert.match(said?.write ?? '', /terminationGracePeriodSeconds: 40/)
      assert.deepEqual(grace(preStop(hook, 40)), [])
    }
    for (const hook of ['{ httpGet: { path: /stop, port: 80 } }', '{ exec: { command: ["stop-it"] } }'])
      assert.deepEqual(grace(preStop(hook)), [])
    assert.deepEqual(grace(preStop('{ exec: { command: [sleep, 1m] } }', 90)), [])
    assert.deepEqual(grace(preStop('{ exec: { command: [sleep, soon] } }')), [])
  })

  test('that is no number cannot be read', () => {
    assert.deepEqual(grace(pod('"30"')), ['9 cannot-be-read warning'])
    assert.deepEqual(grace(pod('!Ref Grace')), ['9 cannot-be-read warning'])
  })

  test('is read by nobody elsewhere', () => {
    const outside = deployment({ spec: '  terminationGracePeriodSeconds: 60\n' })
    assert.deepEqual(grace(outside), ['7 key-misplaced error'])
    const inside = deployment({ container: '          terminationGracePeriodSeconds: 60\n' })
    assert.deepEqual(grace(inside), ['12 key-misplaced error'])
    assert.deepEqual(
      grace(deployment({ container: '          lifecycle: { terminationGracePeriodSeconds: 6 }\n' })),
      ['12 key-misplaced error']
    )
  })

  test('of a liveness probe counts when that has failed', () => {
    const probe = (seconds: string) =>
      deployment({
        container: `          livenessProbe: { httpGet: { path: /livez, port: 1 }, ${seconds} }\n`
      })
    assert.deepEqual(grace(probe('terminationGracePeriodSeconds: 10')), ['12 grace-too-short error'])
    assert.deepEqual(grace(probe('terminationGracePeriodSeconds: 30')), [])
    assert.deepEqual(grace(probe('periodSeconds: 10')), [])
  })

  test('of a bare Pod, and of the items of a List, is looked at, too', () => {
    const bare = (seconds: number) =>
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"terminationGracePeriodSeconds":${seconds},"containers":[{"name":"app","image":"orders"}]}}`
    assert.deepEqual(grace(bare(5)), ['1 grace-too-short error'])
    assert.deepEqual(grace(`{"apiVersion":"v1","kind":"List","items":[${bare(5)}, ${bare(30)}]}`), [
      '1 grace-too-short error'
    ])
  })

  test('of what is only a patch may stand elsewhere', () => {
    const patch = (line: string) => `
kind: Deployment
apiVersion: apps/v1
spec:
  template:
    spec:
${line}      containers: [{ name: app }]
`
    assert.deepEqual(grace(patch(''), { deadline: 60_000 }), [])
    assert.deepEqual(grace(patch('      terminationGracePeriodSeconds: 9\n')), ['7 grace-too-short error'])
  })

  test('of a job is none of the app', () => {
    const job = deployment({ pod: '      terminationGracePeriodSeconds: 1\n' }).replace('Deployment', 'Job')
    const { findings, leftOut } = checkFiles({ 'a.yaml': job })
    assert.deepEqual(findings, [])
    assert.match(leftOut[0]?.why ?? '', /runs to its end/)
  })

  test('is not looked at where the options are impossible in Kubernetes', () => {
    const options = { lameDuck: 40_000 }
    const result = checkFiles({ 'a.yaml': deployment() }, { options })
    assert.deepEqual(said(result), ['8 options-impossible error'])
    assert.match(result.findings[0]?.is ?? '', /does not start here: .*'lameDuck' \(40000 ms\)/)
  })

  test('that is misspelt is named', () => {
    const slip = deployment({ pod: '      terminationGracePeriod: 60\n      hostNetwork: true\n' })
    const [finding] = findingsOf(checkFiles({ 'a.yaml': slip }), 'key-misspelt')
    assert.equal(finding?.line, 9)
    assert.match(finding?.write ?? '', /mean `terminationGracePeriodSeconds`\?/)
  })
})
