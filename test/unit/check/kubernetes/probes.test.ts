import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

function pod(lines: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: orders }
spec:
  containers:
    - name: app
      image: orders:1
${lines}`
}

const ready = '      readinessProbe: { httpGet: { path: /readyz, port: 3000 } }\n'
const http = (name: string, path: string, port: number | string = 3000) =>
  `      ${name}Probe: { httpGet: { path: ${path}, port: ${port} } }\n`
const check = (lines: string, how?: How) => said(checkFiles({ 'a.yaml': pod(lines) }, how))

describe('a probe of the kubelet', () => {
  test('is right where it asks what the plugin answers', () => {
    assert.deepEqual(check(ready + http('liveness', '/livez') + http('startup', '/livez')), [])
    assert.deepEqual(check(ready + http('liveness', '"/livez?verbose"') + http('startup', '/readyz')), [])
    const health = { ready: '/r', live: '/l', startup: '/s' }
    const own = http('readiness', '/r') + http('liveness', '/l') + http('startup', '/s')
    assert.deepEqual(check(own, { options: { health } }), [])
  })

  test('may ask a path that nobody is known to answer', () => {
    assert.deepEqual(check(http('readiness', '/health')), ['8 probe-path warning'])
    const { findings } = checkFiles({ 'a.yaml': pod(ready + http('liveness', '/health')) })
    assert.match(findings[0]?.is ?? '', /asks `\/health`, and the plugin answers `\/livez` and `\/readyz`/)
    assert.match(findings[0]?.write ?? '', /Ask `\/livez`, or set `health: \{ live: '\/health' \}`/)
    assert.deepEqual(check(ready + http('startup', '/up')), ['9 probe-path warning'])
    assert.deepEqual(check('      readinessProbe: { httpGet: { port: 3000 } }\n'), ['8 probe-path warning'])
  })

  test('may ask readiness in place of liveness, and the other way round', () => {
    assert.deepEqual(check(ready + http('liveness', '/readyz')), ['9 probe-kind error'])
    assert.deepEqual(check(http('readiness', '/livez')), ['8 probe-kind error'])
    const { findings } = checkFiles(
      { 'a.yaml': pod(http('readiness', '/livez')) },
      { options: { health: { ready: false } } }
    )
    assert.match(findings[0]?.write ?? '', /Give `health.ready` a path/)
    const live = checkFiles(
      { 'a.yaml': pod(ready + http('liveness', '/readyz')) },
      { options: { health: { live: false } } }
    )
    assert.match(live.findings[0]?.write ?? '', /Give `health.live` a path/)
  })

  test('may ask where there are no probes', () => {
    const { findings } = checkFiles({ 'a.yaml': pod(ready) }, { options: { health: false } })
    assert.match(findings[0]?.is ?? '', /answers no probes/)
    assert.match(findings[0]?.write ?? '', /^Set `health: \{ ready: '\/readyz' \}`$/)
  })

  test('must ask the port of the probes where they have one', () => {
    const how = { options: { health: { port: 9_000 } } }
    assert.deepEqual(check(ready, how), ['8 probe-port error'])
    assert.deepEqual(check(http('readiness', '/readyz', 9_000), how), [])
    assert.deepEqual(check(ready, { options: { health: { port: 9_000, routes: true } } }), [])
    assert.deepEqual(check(ready, { options: { health: { port: 0 } } }), [])
  })

  test('must ask the port of the app where it is known', () => {
    assert.deepEqual(check(ready, { port: 8_080 }), ['8 probe-port warning'])
    assert.deepEqual(check(ready, { port: 3_000 }), [])
    const env = (port: string) => `      env: [{ name: A, value: b }, { name: PORT, value: "${port}" }]\n`
    assert.deepEqual(check(env('8080') + ready), ['9 probe-port warning'])
    assert.deepEqual(check(env('3000') + ready), [])
    const ports = (port: number) => `      ports: [{ name: web, containerPort: ${port} }]\n`
    assert.deepEqual(check(ports(8_080) + ready), ['9 probe-port warning'])
    assert.deepEqual(check(ports(3_000) + ready), [])
    assert.deepEqual(check(ports(3_000) + http('readiness', '/readyz', 'web')), [])
    assert.deepEqual(check(ports(3_000) + http('readiness', '/readyz', 'http')), ['9 port-unserved error'])
    assert.deepEqual(check('      readinessProbe: { httpGet: { path: /readyz } }\n'), [])
  })

  test('that only opens a connection sees neither checks nor a blocked event loop', () => {
    const socket = (name: string) => `      ${name}Probe: { tcpSocket: { port: 3000 } }\n`
    assert.deepEqual(check(socket('readiness')), ['8 probe-kind warning'])
    assert.deepEqual(check(socket('liveness')), ['8 probe-kind note'])
    assert.deepEqual(check(socket('startup')), [])
    const without = { options: { health: false } } as const
    assert.deepEqual(check(socket('readiness') + socket('liveness'), without), [])
  })

  test('may be a command that asks a URL', () => {
    const exec = (name: string, command: string) => `      ${name}Probe: { exec: { command: ${command} } }\n`
    const curl = (url: string) => `["sh", "-c", "curl -fs ${url} || exit 1"]`
    assert.deepEqual(check(exec('readiness', curl('http://localhost:3000/readyz'))), [])
    assert.deepEqual(check(exec('readiness', curl('localhost:3000/healthz'))), ['8 probe-path warning'])
    assert.deepEqual(check(ready + exec('liveness', '[wget, -q, "http://127.0.0.1/readyz"]')), [
      '9 probe-kind error'
    ])
    assert.deepEqual(check(exec('readiness', curl('http://localhost:$PORT/readyz'))), [])
    assert.deepEqual(check(exec('readiness', curl('https://localhost/readyz'))), [])
    assert.deepEqual(check(exec('readiness', '[cat, /tmp/ready]')), ['8 cannot-be-read note'])
    assert.deepEqual(check(ready + exec('liveness', '[nc, -z, localhost, "3000"]')), [
      '9 cannot-be-read note'
    ])
    assert.deepEqual(check('      readinessProbe: { exec: {} }\n'), [])
    assert.deepEqual(check(exec('readiness', curl('localhost'))), ['8 probe-path warning'])
  })

  test('that a template decides is said', () => {
    assert.deepEqual(check(http('readiness', '"{{ .Values.path }}"')), ['8 cannot-be-read note'])
  })

  test('that is misspelt is named', () => {
    assert.deepEqual(check('      readinesProbe: {}\n'), ['8 key-misspelt error'])
    const slip = '      readinessProbe: { httpGet: { path: /readyz, port: 1 }, failureThreshhold: 2 }\n'
    assert.deepEqual(check(slip), ['8 key-misspelt error'])
  })
})

describe('a readiness probe', () => {
  const ports = '      ports: [{ containerPort: 3000 }]\n'

  test('must be there where requests come', () => {
    assert.deepEqual(check(ports), ['6 probe-missing warning'])
    assert.deepEqual(check(''), [])
    assert.deepEqual(check(ports + ready), [])
    assert.deepEqual(check(ports, { options: { health: false } }), [])
  })
})
