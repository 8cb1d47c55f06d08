// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable of Compose
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

type Files = Readonly<Record<string, string>>

const file = (lines: string, more = '') =>
  `services:\n  orders:\n    image: orders:1\n${lines.replaceAll(/^(?=.)/gm, '    ')}${more}`
const result = (lines: string, how: How = {}, more = '') =>
  checkFiles({ 'compose.yaml': file(lines === '' ? '' : `${lines}\n`, more) }, how)
const check = (lines: string, how?: How, more?: string) => said(result(lines, how, more))
const whole = (text: string, how: How = {}, beside: Files = {}) =>
  checkFiles({ 'compose.yaml': text }, { ...how, beside })
const leftOut = (text: string, how?: How) => whole(text, how).leftOut.map(({ line, why }) => `${line} ${why}`)

describe('the grace period of Compose', () => {
  const long = { options: { deadline: 20_000 } }

  test('must be longer than the deadline, and is 10 s where it is not written', () => {
    assert.deepEqual(check(''), [])
    assert.deepEqual(check('', long), ['2 grace-too-short error'])
    assert.deepEqual(check('stop_grace_period:', long), ['4 grace-too-short error'])
    assert.deepEqual(check('stop_grace_period: 5s'), ['4 grace-too-short error'])
    assert.deepEqual(check('stop_grace_period: 9s500ms'), ['4 grace-too-short warning'])
    for (const time of ['21s', '0h0m21s', '1m', '0.5h', '20999ms1000us'])
      assert.deepEqual(check(`stop_grace_period: ${time}`, long), [], time)
    assert.match(result('', long).findings[0]?.write ?? '', /^Write `stop_grace_period: 21s`, or lower/)
  })

  test('may be written in a way that cannot be read', () => {
    assert.deepEqual(check('stop_grace_period: 30'), ['4 cannot-be-read warning'])
    assert.deepEqual(check('stop_grace_period: half a minute'), ['4 cannot-be-read warning'])
    assert.deepEqual(check('stop_grace_period: $GRACE'), ['4 cannot-be-read note'])
    assert.deepEqual(check('stop_grace_period: "${A:-${B-5s}}"'), ['4 grace-too-short error'])
    assert.deepEqual(check('stop_grace_period: "${A:?not set}"'), ['4 cannot-be-read note'])
  })

  test('stands in the service', () => {
    assert.deepEqual(check('deploy:\n  stop_grace_period: 30s\nbuild:\n  init: true'), [
      '5 key-misplaced error',
      '7 key-misplaced error'
    ])
    assert.deepEqual(check('stop_grace_perod: 30s'), ['4 key-misspelt error'])
    assert.deepEqual(check('stop_grace_perod: 30s\nx-stop_signal: 1'), ['4 key-misspelt error'])
  })
})

describe('the stop signal of Compose', () => {
  test('must be one that the app listens to', () => {
    assert.deepEqual(check('stop_signal: SIGINT'), [])
    assert.deepEqual(check('stop_signal: SIGQUIT'), ['4 signal-unheard error'])
    assert.deepEqual(check('stop_signal: 9'), ['4 signal-unheard error'])
    assert.match(result('stop_signal: 9').findings[0]?.write ?? '', /`stop_signal: SIGTERM`/)
    assert.deepEqual(check('stop_signal: ${S}'), ['4 cannot-be-read note'])
    assert.deepEqual(check('', { options: { signals: ['SIGINT'] } }), ['2 signal-unheard error'])
  })
})

describe('the command of a service', () => {
  test('must hand the signal on', () => {
    assert.deepEqual(check('command: npm start'), ['4 signal-not-reached warning'])
    assert.deepEqual(check('init: true\ncommand: node server.js'), [])
    assert.deepEqual(check('init: true\ncommand: sh -c "node server.js; true"'), [
      '5 signal-not-reached error'
    ])
    assert.deepEqual(check('init: true\ncommand: [sh, -c, "exec node $$FILE"]'), [])
    assert.deepEqual(check('command: npm start\nentrypoint: tini --'), ['4 signal-not-reached warning'])
    assert.deepEqual(check('entrypoint: ["yarn", "start"]'), ['4 signal-not-reached error'])
    assert.match(
      result('entrypoint: ["yarn", "start"]').findings[0]?.write ?? '',
      /`entrypoint: \["node","server.js"\]`/
    )
    assert.deepEqual(check('command: [!x y]'), [])
    assert.deepEqual(check('command: []'), [])
  })

  test('is noted where the app is the first process', () => {
    assert.deepEqual(check('command: node server.js'), ['4 init-missing note'])
    assert.deepEqual(check('init: false\ncommand: node server.js'), ['5 init-missing note'])
    assert.deepEqual(
      whole('services:\n  a:\n    image: node:24\n    command: server.js').findings.map(({ rule }) => rule),
      ['init-missing']
    )
  })

  test('may be the arguments of an entrypoint that is not seen', () => {
    assert.deepEqual(check('command: serve --all'), [])
    assert.deepEqual(check('entrypoint: ./run'), ['4 cannot-be-read note'])
  })
})

describe('the health check of Compose', () => {
  const health = (test: string, more = '') => check(`healthcheck:\n  test: ${test}${more}`)

  test('must ask what the plugin answers', () => {
    assert.deepEqual(health('curl -f http://localhost:3000/readyz'), [])
    assert.deepEqual(health('["CMD-SHELL", "curl -f http://localhost:3000/health || exit 1"]'), [
      '5 probe-path warning'
    ])
    assert.deepEqual(health('["CMD", "wget", "http://localhost:3000/livez"]'), [])
    assert.deepEqual(health('["CMD", "./probe"]'), ['5 cannot-be-read note'])
    assert.deepEqual(health(`["CMD-SHELL", "bash -c '</dev/tcp/127.0.0.1/3000'"]`), ['5 cannot-be-read note'])
    for (const none of ['[NONE]', '[]', '[!x y]', '[CMD]']) assert.deepEqual(health(none), [], none)
    assert.deepEqual(health('[curl, localhost]'), ['5 command-broken error'])
    assert.deepEqual(health('curl localhost/x', '\n  disable: true'), [])
    assert.deepEqual(check('healthcheck:\n  interval: 5s'), [])
  })

  test('must ask a port that is known', () => {
    const asks = (lines: string, how?: How) =>
      check(`${lines}\nhealthcheck:\n  test: curl localhost:3000/readyz`, how)
    assert.deepEqual(asks('expose: ["4000", x]'), ['6 probe-port warning'])
    assert.deepEqual(asks('ports: ["80:4000"]'), ['6 probe-port warning'])
    assert.deepEqual(asks('environment: { PORT: 3000 }'), [])
    assert.deepEqual(asks('environment: [A=b, PORT=4000]'), ['6 probe-port warning'])
    assert.deepEqual(asks('expose: [3000]', { port: 5_000 }), ['6 probe-port warning'])
  })
})

describe('the ports of Compose', () => {
  test('must lead to that of the app', () => {
    const ports = (list: string, how?: How) => check(`environment: [PORT=4000]\nports: ${list}`, how)
    assert.deepEqual(ports('["3000:3000"]'), ['5 port-unserved warning'])
    for (const list of [
      '["3000:4000"]',
      '["127.0.0.1:3000:4000/tcp", "9229:9229"]',
      '[{ target: 4000, published: 80 }]',
      '["4000"]',
      '[4000]',
      '["3000-3001:3000-3001"]',
      '["53:53/udp"]',
      '[]',
      '["$P"]'
    ]) {
      assert.deepEqual(ports(list), [], list)
    }
    assert.deepEqual(ports('["3000:4000"]', { port: 3_000 }), ['5 port-unserved warning'])
    assert.deepEqual(check('ports: ["3000:3000"]'), [])
  })
})

describe('updates in Swarm', () => {
  const update = (config: string, more = '') => check(`deploy: { ${more}update_config: ${config} }`)

  test('must leave somebody who serves', () => {
    assert.deepEqual(update('{ parallelism: 1 }'), ['4 update-gap warning'])
    assert.deepEqual(update('{ order: stop-first }', 'replicas: 1, '), ['4 update-gap warning'])
    assert.deepEqual(update('{ parallelism: 0 }', 'replicas: 3, '), ['4 update-gap warning'])
    assert.deepEqual(update('{ parallelism: 3, delay: 9s }', 'replicas: 3, '), ['4 update-gap warning'])
    assert.deepEqual(update('{ order: start-first, delay: 10s }'), [])
    assert.deepEqual(update('{ parallelism: 2, delay: 10s }', 'replicas: 3, '), [])
    assert.deepEqual(update('{}', 'mode: global, '), [])
    assert.deepEqual(check('deploy: { replicas: 1 }'), [])
  })

  test('must wait until a new task is ready', () => {
    assert.deepEqual(update('{ delay: 0s }', 'replicas: 2, '), ['4 probe-missing warning'])
    assert.deepEqual(update('{ order: start-first, delay: soon }'), ['4 probe-missing warning'])
    const asked =
      'deploy: { replicas: 2, update_config: { parallelism: 1 } }\nhealthcheck: { test: curl localhost/readyz }'
    assert.deepEqual(check(asked), [])
    assert.deepEqual(check(asked.replace('test: curl localhost/readyz', 'disable: true')), [])
  })
})

describe('what a service takes from elsewhere', () => {
  const long = { options: { deadline: 20_000 } }

  test('counts where it is in the same file', () => {
    const text = `x-base: &base
  stop_grace_period: 5s
services:
  a: { <<: *base, image: a }
  b:
    extends: { service: c }
    stop_signal: SIGTERM
    deploy: { replicas: 2 }
  c:
    extends: d
    deploy: { mode: replicated }
  d: { image: d, stop_signal: SIGQUIT, stop_grace_period: 30s, deploy: 1 }
`
    assert.deepEqual(said(whole(text)), ['2 grace-too-short error', '12 signal-unheard error'])
  })

  test('is not read where it is another file, and that is said', () => {
    const extended = (how: string) => `services:\n  a:\n    extends: ${how}\n`
    assert.deepEqual(said(whole(extended('{ file: b.yaml, service: b }'), long)), ['3 cannot-be-read note'])
    assert.deepEqual(said(whole(extended('none'), long)), ['3 cannot-be-read note'])
    assert.deepEqual(said(whole(`${extended('b')}  b:\n    extends: a\n`, long)), [
      '3 cannot-be-read note',
      '5 cannot-be-read note'
    ])
    assert.deepEqual(said(whole(`include: [b.yaml]\n${extended('1')}`, long)), [
      '1 cannot-be-read note',
      '4 cannot-be-read note'
    ])
    assert.deepEqual(said(whole('services:\n  a:\n    extends: b\n  b: 1\n', long)), [])
  })

  test('may stand in the file that it overrides', () => {
    assert.deepEqual(said(whole('services:\n  a:\n    command: npm start\n', long)), [
      '3 signal-not-reached warning'
    ])
    assert.deepEqual(said(whole('services:\n  a:\n    stop_grace_period: 3s\n')), ['3 grace-too-short error'])
  })
})

describe('the Dockerfile of a service', () => {
  const compose = (build: string, more = '') => `services:\n  a:\n    build: ${build}\n${more}`
  const files = {
    Dockerfile: 'FROM node:24-slim\nCMD npm start\nEXPOSE 3000',
    'api/Dockerfile.prod':
      'FROM node:24-slim AS dev\nCMD npm run dev\nFROM node:24-slim AS prod\nCMD ["node", "a.js"]\nSTOPSIGNAL SIGQUIT\nHEALTHCHECK CMD curl localhost/livez',
    'py/Dockerfile': 'FROM python:3\nCMD python a.py'
  }
  const places = (text: string, how?: How) =>
    whole(text, how, files).findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`)

  test('is read as well', () => {
    assert.deepEqual(places(compose('.')), ['Dockerfile:2 signal-not-reached'])
    assert.deepEqual(places(compose('{ context: ./api, dockerfile: Dockerfile.prod }')), [
      'api/Dockerfile.prod:4 init-missing',
      'api/Dockerfile.prod:5 signal-unheard'
    ])
    assert.deepEqual(
      places(
        compose('{ context: api, dockerfile: Dockerfile.prod }', '    init: true\n    stop_signal: SIGINT')
      ),
      ['api/Dockerfile.prod:5 signal-unheard']
    )
    assert.deepEqual(places(compose('{ context: api, dockerfile: Dockerfile.prod, target: DEV }')), [
      'api/Dockerfile.prod:4 init-missing',
      'api/Dockerfile.prod:5 signal-unheard'
    ])
    for (const elsewhere of [
      'https://example.com/a.git',
      'git@example.com:a',
      '/root',
      '$DIR',
      './none',
      '{ context: api }'
    ]) {
      assert.deepEqual(places(compose(elsewhere)), [], elsewhere)
    }
  })

  test('may have more than the app behind its ports, where it exposes several', () => {
    const ports = (exposed: string, how?: How) =>
      whole(compose('.', '    environment: [PORT=4000]\n    ports: ["80:80", "3000:3000"]\n'), how, {
        Dockerfile: `FROM node:24-slim\nENTRYPOINT ["tini", "--", "node", "a.js"]\nEXPOSE ${exposed}`
      }).findings.map(({ rule }) => rule)
    assert.deepEqual(ports('80 3000 4000'), [])
    assert.deepEqual(ports('80'), ['port-unserved'])
    assert.deepEqual(ports('80 4000'), ['port-unserved'])
    assert.deepEqual(ports('80 3000', { port: 4_000 }), ['port-unserved'])
  })

  test('is checked once, though it was named itself', () => {
    const { checked } = checkFiles(
      { 'compose.yaml': compose('.'), './Dockerfile': files.Dockerfile },
      { beside: files }
    )
    assert.deepEqual(
      checked.map(({ file, format }) => `${file} ${format}`),
      ['compose.yaml compose', './Dockerfile dockerfile']
    )
  })

  test('may stand in the file itself', () => {
    const inline =
      '\n      dockerfile_inline: |\n        FROM node:24-slim\n        ENTRYPOINT ["tini", "--"]\n    command: '
    assert.deepEqual(places(compose(`${inline}npm start`)), ['compose.yaml:7 signal-not-reached'])
    assert.deepEqual(places(compose(`${inline}node a.js`)), [])
  })

  test('says what an entrypoint or a command of the service is put to', () => {
    assert.deepEqual(places(compose('.', '    command: node a.js')), [
      'compose.yaml:4 init-missing',
      'Dockerfile:2 signal-not-reached'
    ])
    assert.deepEqual(places(compose('.', '    healthcheck: { test: curl localhost:4000/readyz }')), [
      'compose.yaml:4 probe-port',
      'Dockerfile:2 signal-not-reached'
    ])
    const update = '    deploy: { replicas: 2, update_config: { parallelism: 1 } }'
    assert.deepEqual(
      places(
        compose(
          '{ context: api, dockerfile: Dockerfile.prod, target: prod }',
          `    init: true\n    entrypoint: tini\n${update}`
        )
      ),
      ['compose.yaml:5 cannot-be-read', 'api/Dockerfile.prod:5 signal-unheard']
    )
  })

  test('of another language makes the service none of the apps', () => {
    assert.deepEqual(
      whole(compose('py'), {}, files).leftOut.map(({ subject, why }) => `${subject}: ${why}`),
      ['Service a: it starts python']
    )
    assert.deepEqual(checkFiles({ '-': compose('.') }, { beside: files }).checked.length, 1)
  })
})

describe('what is no app in a compose file', () => {
  test('is left out', () => {
    const text = `services:
  db: { image: "postgres:16" }
  py: { image: me/thing, command: python a.py }
  tool: { image: tool, profiles: [dev, "test"] }
  prod: { image: prod, profiles: [dev, prod], stop_grace_period: 1s }
  one: { image: one, container_name: uno, stop_grace_period: 1s }
`
    assert.deepEqual(leftOut(text), [
      '2 the image is postgres',
      '3 it starts python',
      '4 it is started with the profile dev only'
    ])
    assert.deepEqual(said(whole(text)), ['5 grace-too-short error', '6 grace-too-short error'])
    assert.deepEqual(said(whole(text, { apps: ['uno'] })), ['6 grace-too-short error'])
    assert.deepEqual(leftOut(text, { apps: ['uno'] }).length, 4)
  })

  test('is a service that others wait for to end, unless it is named', () => {
    const text = `services:
  migrate: { image: app, command: npm run migrate }
  warm: { image: app, command: npm start }
  app:
    image: app
    depends_on: { migrate: { condition: service_completed_successfully }, warm: { condition: service_started } }
  web: { image: web, depends_on: [warm] }
`
    assert.deepEqual(leftOut(text), ['2 it runs to its end, and serves nobody'])
    assert.deepEqual(said(whole(text)), ['3 signal-not-reached warning'])
    assert.deepEqual(said(whole(text, { apps: ['migrate'] })), ['2 signal-not-reached warning'])
  })

  test('gets a finding where the options are impossible', () => {
    assert.deepEqual(check('', { options: { lameDuck: 20_000 } }), ['2 options-impossible error'])
  })
})

describe('a compose file', () => {
  const kind = (name: string, text: string) =>
    checkFiles({ [name]: text }, { inFolder: true })
      .checked.map(({ format }) => format)
      .join()

  test('is distinguished from another file', () => {
    assert.equal(kind('compose.yaml', 'services: {}'), 'compose')
    assert.equal(kind('docker-compose.prod.yml', 'version: "3"\nservices:\n  a:\n    ports: []'), 'compose')
    assert.equal(kind('compose.json', '{\n  "services": {} }'), 'compose')
    assert.equal(
      kind('-', 'name: a\nservices:\n  # one\n\n  a:\n    command: null\n    image: b\n'),
      'compose'
    )
    assert.equal(kind('-', '{"name":"a","services":{"a":{"image":"b"}}}'), 'compose')
    assert.equal(kind('.gitlab-ci.yml', 'services:\n  - postgres\njob:\n  image: node'), '')
    assert.equal(kind('ci.yml', 'jobs:\n  a:\n    services:\n      db:\n        image: postgres'), '')
    assert.equal(kind('compose.ts', 'services: {}'), '')
  })
})
