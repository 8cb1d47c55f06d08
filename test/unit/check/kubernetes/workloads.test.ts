import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, findingsOf, type How, said } from '../../../support/check.ts'

const ready = 'readinessProbe: { httpGet: { path: /readyz, port: 3000 } }'

function pod({ container = '', meta = '', more = '' } = {}): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: orders
  labels: { app: orders }
${meta}spec:
  containers:
    - name: app
      image: orders:1
      ports: [{ name: http, containerPort: 3000 }]
      ${ready}
${container}${more}`
}

const check = (manifest: string, how?: How) => said(checkFiles({ 'a.yaml': manifest }, how))

describe('the lame duck in Kubernetes', () => {
  test('must last until all who send requests have heard of the end', () => {
    assert.deepEqual(check(pod(), { options: { lameDuck: 0 } }), ['8 lame-duck-too-short error'])
    assert.deepEqual(check(pod(), { options: { lameDuck: 1_500 } }), ['8 lame-duck-too-short warning'])
    assert.deepEqual(check(pod(), { options: { lameDuck: 2_000 } }), [])
    assert.deepEqual(check(pod(), { options: { lameDuck: { max: 5_000 } } }), [
      '8 lame-duck-too-short warning'
    ])
  })

  test('may be replaced by a preStop hook', () => {
    const hook = (command: string) => pod({ container: `      lifecycle: { preStop: ${command} }\n` })
    assert.deepEqual(
      check(hook('{ sleep: { seconds: 5 } }'), { options: { lameDuck: 0, deadline: 20_000 } }),
      []
    )
    assert.deepEqual(check(hook('{ exec: { command: [wait-for-it] } }'), { options: { lameDuck: 0 } }), [])
    const short = { options: { lameDuck: 0, deadline: 20_000 } }
    assert.deepEqual(check(hook('{ sleep: { seconds: 1 } }'), short), ['12 lame-duck-too-short warning'])
  })

  test('does not matter where no requests come', () => {
    const worker = pod().replace(/ {6}ports.*\n/, '')
    assert.deepEqual(check(worker, { options: { lameDuck: 0 } }), [])
  })
})

describe('the signal of Kubernetes', () => {
  test('must be one that the app listens to', () => {
    assert.deepEqual(check(pod(), { options: { signals: ['SIGINT'] } }), ['8 signal-unheard error'])
    assert.deepEqual(check(pod(), { options: { signals: false } }), ['8 signal-unheard error'])
  })

  test('may be another', () => {
    const signal = (name: string) => pod({ container: `      lifecycle: { stopSignal: ${name} }\n` })
    assert.deepEqual(check(signal('SIGQUIT')), ['12 signal-unheard error'])
    assert.deepEqual(check(signal('SIGINT')), [])
    assert.deepEqual(check(signal('!Ref Signal')), [])
  })

  test('must reach the app', () => {
    const command = (words: string) => pod({ container: `      command: ${words}\n` })
    const result = checkFiles({ 'a.yaml': command('["sh", "-c", "node migrate.js && node server.js"]') })
    assert.deepEqual(said(result), ['12 signal-not-reached warning'])
    assert.match(result.findings[0]?.write ?? '', /Start node itself: `command: \["node","server.js"\]`/)
    assert.deepEqual(check(command('[npm, start]')), ['12 signal-not-reached warning'])
    assert.deepEqual(check(command('[node, server.js]')), [])
    assert.deepEqual(check(command('["sh", "-c", "exec node server.js"]')), [])
    assert.deepEqual(check(command('[./run.sh]')), ['12 cannot-be-read note'])
    assert.deepEqual(check(pod({ container: '      args: [npm, start]\n' })), [
      '12 signal-not-reached warning'
    ])
    assert.deepEqual(check(pod({ container: '      args: [server.js]\n' })), [])
    assert.deepEqual(check(pod({ container: '      args: [--port, "3000"]\n' })), [])
    assert.deepEqual(check(command('!Ref Command')), [])
    assert.deepEqual(check(command('[pm2-runtime, app.js]')), ['12 grace-too-short error'])
    assert.deepEqual(check(command('[pm2-runtime, ecosystem.config.js]')), [])
    assert.deepEqual(check(command('[pm2-runtime, app.js, --kill-timeout=9]')), [])
    const piped = checkFiles({ 'a.yaml': command('[sh, -c, "node a.js | pino-pretty"]') })
    assert.match(piped.findings[0]?.is ?? '', /runs in a pipe/)
    assert.match(piped.findings[0]?.write ?? '', /let it write its log as it is/)
    const alpine = command('[npm, start]').replace('orders:1', 'node:24-alpine')
    assert.deepEqual(check(alpine), ['12 signal-not-reached note'])
  })
})

describe('a Service', () => {
  const service = (spec: string) => `---
apiVersion: v1
kind: Service
metadata: { name: orders }
spec: { ${spec} }
`
  const own = 'selector: { app: orders }'

  test('must send to a port of the pod', () => {
    const to = (port: string) => check(pod() + service(`${own}, ports: [{ port: 80, targetPort: ${port} }]`))
    assert.deepEqual(to('3000'), [])
    assert.deepEqual(to('http'), [])
    assert.deepEqual(to('8080'), ['16 port-unserved warning'])
    assert.deepEqual(to('web'), ['16 port-unserved warning'])
    assert.deepEqual(check(pod() + service(`${own}, ports: [{ port: 80 }]`)), ['16 port-unserved warning'])
    assert.deepEqual(check(pod() + service(`${own}, ports: [{ name: a }]`)), [])
    const how = { port: 8_080 }
    const manifest =
      pod().replaceAll('3000', '8080') + service(`${own}, ports: [{ port: 80, targetPort: 8080 }]`)
    assert.deepEqual(check(manifest, how), [])
  })

  test('may stand in another file, and may send to others', () => {
    const text = service(`${own}, ports: [{ port: 8080 }]`)
    const { findings } = checkFiles({ 'pod.yaml': pod(), 'service.yaml': text })
    assert.deepEqual(
      findings.map(({ file, subject }) => [file, subject]),
      [['service.yaml', 'Service orders']]
    )
    assert.deepEqual(check(pod() + service('selector: { app: others }, ports: [{ port: 1 }]')), [])
    assert.deepEqual(check(pod() + service('selector: {}, ports: [{ port: 1 }]')), [])
    assert.deepEqual(check(pod() + service('ports: [{ port: 1 }]')), [])
  })

  test('may stand before several workloads, of which one has the port', () => {
    const two = `${pod()}---\n${pod().replaceAll('3000', '8080').replace('name: orders', 'name: canary')}`
    const to = (port: number) =>
      check(`${two}${service(`${own}, ports: [{ port: 80, targetPort: ${port} }]`)}`)
    assert.deepEqual(to(8_080), [])
    assert.deepEqual(to(3_000), [])
    assert.deepEqual(to(1), ['28 port-unserved warning'])
    const cache = pod().replaceAll('3000', '6379').replace('image: orders:1', 'image: redis')
    const both = service(`${own}, ports: [{ port: 6379 }]`)
    assert.deepEqual(check(`${pod()}---\n${cache}${both}`), [])
    assert.deepEqual(check(`${cache}${both.replace('6379', '1')}`), [])
  })

  test('must not send to pods that are not ready', () => {
    const spec = `${own}, publishNotReadyAddresses: true, ports: [{ port: 3000 }]`
    assert.deepEqual(check(pod() + service(spec)), ['16 readiness-ignored error'])
    assert.deepEqual(check(pod() + service(`${spec}, clusterIP: None`)), [])
    assert.deepEqual(check(pod() + service(spec.replace('true', 'false'))), [])
  })

  test('makes a container without ports one that is served', () => {
    const manifest = pod()
      .replace(/ {6}ports.*\n/, '')
      .replace(/ {6}readiness.*\n/, '')
    assert.deepEqual(check(manifest + service(`${own}, ports: [{ port: 3000 }]`)), [
      '8 probe-missing warning'
    ])
    assert.deepEqual(check(manifest), [])
  })
})

describe('a container beside the app', () => {
  const beside = (lines: string) => pod({ more: `    - ${lines}\n` })

  test('must not end before it', () => {
    const proxy = 'name: sql\n      image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.11'
    const result = checkFiles({ 'a.yaml': beside(proxy) })
    assert.deepEqual(said(result), ['12 sidecar-ends-first warning'])
    assert.match(result.findings[0]?.is ?? '', /`sql`, the proxy of its database/)
    assert.deepEqual(check(beside('{ name: istio-proxy, image: mesh }')), ['12 sidecar-ends-first warning'])
  })

  test('may be one that waits', () => {
    const proxy = (more: string) => beside(`{ name: sql, image: cloud-sql-proxy, ${more} }`)
    assert.deepEqual(check(proxy('lifecycle: { preStop: { sleep: { seconds: 9 } } }')), [])
    assert.deepEqual(check(proxy('args: ["--max-sigterm-delay=30s"]')), [])
    assert.deepEqual(check(proxy('env: [{ name: CSQL_PROXY_MAX_SIGTERM_DELAY, value: 30s }]')), [])
    assert.equal(check(proxy('args: [--port, "5432"], env: [{ name: A }]')).length, 1)
  })

  test('may come from a mesh, which annotations tell', () => {
    const annotated = (lines: string) => check(pod({ meta: `  annotations: { ${lines} }\n` }))
    assert.deepEqual(annotated('sidecar.istio.io/inject: "true"'), ['6 sidecar-ends-first warning'])
    assert.deepEqual(annotated('sidecar.istio.io/inject: "true", sidecar.istio.io/nativeSidecar: "true"'), [])
    assert.deepEqual(annotated('linkerd.io/inject: enabled'), ['6 sidecar-ends-first warning'])
    const waits = 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds: "40"'
    assert.deepEqual(annotated(`linkerd.io/inject: enabled, ${waits}`), [])
    const drains = "proxy.istio.io/config: 'terminationDrainDuration: 40s'"
    assert.deepEqual(annotated(`sidecar.istio.io/inject: "true", ${drains}`), [])
    assert.deepEqual(annotated('a: b'), [])
  })

  test('is left out, and named, where it is no app', () => {
    for (const image of ['jenkins/jenkins:lts', 'ferretdb/ferretdb', 'kube-state-metrics:v2']) {
      const { leftOut } = checkFiles({ 'a.yaml': pod().replace('orders:1', image) })
      assert.match(leftOut[0]?.why ?? '', /^the image is (jenkins|ferretdb|kube-state-metrics)$/)
    }
    const { findings, leftOut } = checkFiles({
      'a.yaml': beside('{ name: cache, image: "redis:7", command: [npm, x] }')
    })
    assert.deepEqual(findings, [])
    assert.deepEqual(
      leftOut.map(({ line, subject, why }) => [line, subject, why]),
      [[12, 'Pod orders, container cache', 'the image is redis']]
    )
    for (const image of ['acme/orders-db:1', 'redis-follower', 'quay.io/x/redis_exporter', 'grafana.custom'])
      assert.deepEqual(check(beside(`{ name: cache, image: "${image}", command: [npm, x] }`)), [], image)
    for (const image of ['acme/dbs', 'orders', 'predispose']) {
      assert.equal(check(beside(`{ name: cache, image: "${image}", command: [npm, x] }`)).length, 1, image)
    }
    const other = checkFiles({ 'a.yaml': beside('{ name: jobs, image: jobs, command: [python3, a.py] }') })
    assert.match(other.leftOut[0]?.why ?? '', /it starts python3/)
  })
})

describe('what is named with --app', () => {
  test('is the app, and nothing else is', () => {
    const two = pod({
      container: '      command: [npm, start]\n',
      more: '    - { name: web, image: nginx, command: [npm, start] }\n'
    })
    const findings = (apps: readonly string[]) =>
      findingsOf(checkFiles({ 'a.yaml': two }, { apps }), 'signal-not-reached').map(({ line }) => line)
    assert.deepEqual(findings(['web']), [13])
    assert.deepEqual(findings(['app']), [12])
    assert.deepEqual(findings(['orders']), [12, 13])
    assert.deepEqual(findings(['other']), [])
    assert.equal(checkFiles({ 'a.yaml': two }, { apps: ['other'] }).leftOut.length, 2)
  })
})

describe('a file of Kubernetes', () => {
  test('may have empty documents, anchors, merges, what kubectl adds, and the ends of lines of Windows', () => {
    const text = `\uFEFF---\n---\n${pod({
      container: '      env: &env [{ name: PORT, value: "3000" }]\n'
    })}---\n# nothing\n---\napiVersion: v1\nkind: ConfigMap\nbase: &base { a: 1 }\ndata: { <<: *base, b: 2 }\nstatus: {}\n`
    assert.deepEqual(check(text.replaceAll('\n', '\r\n'), { port: 3_001 }), ['13 probe-port warning'])
  })

  test('is a template where it has actions outside of texts, and says so with the line', () => {
    const template = pod().replace('orders:1', '{{ .Values.image }}')
    const result = checkFiles({ 'a.yaml': template })
    assert.deepEqual(said(result), ['9 cannot-be-read warning'])
    assert.match(result.findings[0]?.write ?? '', /helm template/)
    assert.deepEqual(check(`{{- if .Values.on }}\n${pod()}{{- end }}\n`), ['1 cannot-be-read warning'])
    assert.deepEqual(check(pod({ meta: '  annotations: { a: "{{ .Node }}" } # {{ x }}\n' })), [])
  })

  test('may be a chart, which must be rendered', () => {
    const result = checkFiles({ 'chart/Chart.yaml': 'apiVersion: v2\nname: orders\n' })
    assert.deepEqual(said(result), ['1 cannot-be-read warning'])
    assert.match(result.findings[0]?.write ?? '', /helm template/)
  })

  test('may contain itself', () => {
    const own =
      'spec: &spec { terminationGracePeriodSeconds: 3, own: *spec, containers: [{ image: a }, *spec] }'
    assert.deepEqual(check(`apiVersion: v1\nkind: Pod\n${own}\n`), ['3 grace-too-short error'])
  })

  test('that is no YAML says where', () => {
    assert.deepEqual(check(`${pod()}  - }\n`), ['12 cannot-be-read warning'])
    assert.deepEqual(check(`${'['.repeat(20_000)}\napiVersion: v1\n`), ['1 cannot-be-read warning'])
    assert.deepEqual(said(checkFiles({ 'a.yaml': 'a: 1' }, { format: 'kubernetes' })), [
      '1 cannot-be-read note'
    ])
  })
})
