// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable of a Dockerfile
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

type Files = Readonly<Record<string, string>>

const result = (text: string, how: How = {}, beside: Files = {}) =>
  checkFiles({ Dockerfile: text }, { ...how, beside })
const check = (text: string, how?: How, beside?: Files) => said(result(text, how, beside))
const node = (...lines: string[]) => ['FROM node:24-slim', ...lines].join('\n')
const alpine = (...lines: string[]) => ['FROM node:24-alpine', ...lines].join('\n')
const leftOut = (text: string, how?: How) =>
  result(text, how).leftOut.map(({ line, why }) => `${line} ${why}`)
const good = 'CMD ["tini", "--", "node", "server.js"]'

describe('the start command of an image', () => {
  test('is right in the exec form, behind an init process', () => {
    assert.deepEqual(check(node(good)), [])
    assert.deepEqual(check(node('ENTRYPOINT ["/usr/bin/tini", "--"]', 'CMD ["node", "server.js"]')), [])
    assert.deepEqual(check(node('CMD exec tini -- node server.js')), [])
  })

  test('is noted where the app is the first process, unless the option hardKill is off', () => {
    assert.deepEqual(check(node('CMD ["node", "server.js"]')), ['2 init-missing note'])
    assert.deepEqual(check(node('CMD ["node", "server.js"]'), { options: { hardKill: false } }), [])
  })

  test('must not be a shell', () => {
    const found = result(node('CMD node server.js'))
    assert.deepEqual(said(found), ['2 signal-not-reached error'])
    assert.match(found.findings[0]?.write ?? '', /Start node itself: `CMD \["node","server.js"\]`/)
    assert.deepEqual(check(alpine('CMD node server.js')), ['2 signal-not-reached note'])
    assert.deepEqual(check(node('ENTRYPOINT node server.js', 'CMD ["ignored"]')), [
      '2 signal-not-reached error'
    ])
    assert.deepEqual(check(alpine('SHELL ["/bin/dash", "-c"]', 'CMD node a.js')), [
      '3 signal-not-reached error'
    ])
    assert.deepEqual(check(node('SHELL ["/bin/bash", "-o", "pipefail", "-c"]', 'CMD node a.js')), [
      '3 init-missing note'
    ])
    assert.deepEqual(check(node('SHELL none', 'CMD node a.js')), ['3 signal-not-reached error'])
    assert.deepEqual(check(node('ENTRYPOINT ["node"]', 'CMD server.js')), ['3 init-missing note'])
  })

  test('must not be a package manager', () => {
    const found = result(
      node('ENTRYPOINT ["npm", "start"]'),
      {},
      {
        'package.json': '{ "scripts": { "start": "node dist/main.js" } }'
      }
    )
    assert.deepEqual(said(found), ['2 signal-not-reached error'])
    assert.match(found.findings[0]?.write ?? '', /`ENTRYPOINT \["node","dist\/main.js"\]`/)
    assert.deepEqual(check(node('CMD ["npm", "start"]'), {}, { 'package.json': '{' }), [
      '2 signal-not-reached error'
    ])
    for (const text of ['{}', '{ "scripts": { "start": 1 } }', '{ "scripts": { "stop": "" } }']) {
      assert.deepEqual(check(node('CMD ["npm", "start"]'), {}, { 'package.json': text }), [
        '2 signal-not-reached error'
      ])
    }
  })

  test('may be a script: in the Dockerfile, copied by name, or with its folder', () => {
    const files = { 'docker/start.sh': 'exec "$@"', 'bin/run': '#!/bin/sh\nnode a.js\n' }
    const start = ['ENTRYPOINT ["/usr/local/bin/start.sh"]', good]
    assert.deepEqual(check(node('COPY <<EOF /start.sh', 'node server.js', 'EOF', 'CMD ["/start.sh"]')), [
      '5 signal-not-reached error'
    ])
    assert.deepEqual(
      check(node('COPY <<start.sh /bin/', 'exec node server.js', 'start.sh', 'CMD ["start.sh"]')),
      ['5 init-missing note']
    )
    assert.deepEqual(check(node('COPY docker/start.sh /usr/local/bin/', ...start), {}, files), [])
    assert.deepEqual(check(node('COPY ["docker/", "/usr/local/bin"]', ...start), {}, files), [])
    assert.deepEqual(check(node('COPY . .', 'CMD ["./bin/run"]'), {}, files), ['3 signal-not-reached error'])
    assert.deepEqual(check(node('COPY . .', 'CMD ["/app/bin/run"]'), {}, files), [
      '3 signal-not-reached error'
    ])
    assert.deepEqual(check(node('COPY --from=build docker /usr/local/bin', ...start), {}, files), [
      '4 cannot-be-read note'
    ])
    assert.deepEqual(check(node('CMD ["/../run"]'), {}, files), ['2 cannot-be-read note'])
  })

  test('must be one that can be started', () => {
    const broken = result(node("CMD ['npm', 'start']"))
    assert.deepEqual(said(broken), ['2 command-broken error'])
    assert.match(broken.findings[0]?.write ?? '', /`CMD \["npm","start"\]`/)
    assert.match(result(node('CMD [')).findings[0]?.write ?? '', /`CMD \["node","server.js"\]`/)
    const joined = result(node('CMD ["node server.js"]'))
    assert.deepEqual(said(joined), ['2 command-broken error'])
    assert.match(joined.findings[0]?.write ?? '', /`CMD \["node","server.js"\]`/)
    assert.deepEqual(check(node('CMD [1]')), ['2 command-broken error'])
  })

  test('may be missing, empty, or given to the entrypoint', () => {
    for (const line of ['', 'CMD', 'CMD []', 'ENTRYPOINT ["tini", "--"]'])
      assert.deepEqual(check(node(line)), [], line)
    assert.deepEqual(check(node('CMD npm start', good)), [], 'the last one counts')
    assert.deepEqual(check(node('CMD ["node"]')), [], 'an image to build on')
    assert.deepEqual(check(node('ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["node"]')), [])
    assert.deepEqual(check(node('CMD ["server.js"]')), ['2 init-missing note'])
    assert.deepEqual(check(node('CMD ["./server"]')), ['2 cannot-be-read note'])
  })

  test('of PM2 has no time', () => {
    assert.deepEqual(check(node('CMD ["pm2-runtime", "app.js"]')), ['2 grace-too-short error'])
  })
})

describe('the stages of a Dockerfile', () => {
  test('count no more but for the last', () => {
    assert.deepEqual(
      check(
        `FROM node:24 AS build\nCMD npm start\nSTOPSIGNAL SIGKILL\nFROM node:24\nCOPY --from=build /a /a\n${good}`
      ),
      []
    )
  })

  test('may be built on each other', () => {
    const base = 'FROM node:24 AS Base\nCMD npm start\nSTOPSIGNAL SIGQUIT\n'
    const found = ['2 signal-not-reached error', '3 signal-unheard error']
    assert.deepEqual(check(`${base}FROM base`), found)
    assert.deepEqual(check(`${base}FROM 0`), found)
    assert.deepEqual(check(`${base}FROM base\nENTRYPOINT ["tini", "node", "a.js"]\nSTOPSIGNAL SIGINT`), [])
  })

  test('may have an image from a variable', () => {
    const text = (value: string) =>
      `ARG VERSION${value}\nARG BASE=node\nFROM --platform=$BUILDPLATFORM $\{BASE}:$\{VERSION:-24-alpine}\nCMD node a.js`
    assert.deepEqual(check(text('')), ['4 signal-not-reached note'])
    assert.deepEqual(check(text('=24-slim')), ['4 signal-not-reached error'])
    assert.deepEqual(check('ARG A\nFROM $A${B:+-x}${C+${D}}\nCMD node a.js'), [
      '3 signal-not-reached warning'
    ])
    assert.deepEqual(check('ARG A=x\nFROM ${A:+node:24-alpine}\nCMD node a.js'), [
      '3 signal-not-reached note'
    ])
    assert.deepEqual(check('ARG A=\nFROM ${A:-node:24-alpine}\nCMD node a.js'), ['3 signal-not-reached note'])
    const deep = '${A:-'.repeat(20) + '}'.repeat(20)
    assert.deepEqual(check(`FROM ${deep}\nCMD ["node", "a"]`), ['2 init-missing note'])
  })

  test('do what was left for them with ONBUILD, and nothing of it themselves', () => {
    assert.deepEqual(check(node('ONBUILD CMD npm start', 'ONBUILD', good)), [])
    assert.deepEqual(check('FROM node:24 AS a\nONBUILD CMD npm start\nFROM a AS b\nFROM b'), [
      '2 signal-not-reached error'
    ])
    assert.deepEqual(check(`FROM node:24 AS a\nONBUILD STOPSIGNAL 9\nFROM a AS b\n${good}`), [
      '2 signal-unheard error'
    ])
  })
})

describe('the stop signal of an image', () => {
  test('must be one that the app listens to, and can listen to', () => {
    for (const name of ['SIGTERM', 'TERM', '15', 'sigint', '2'])
      assert.deepEqual(check(node(good, `STOPSIGNAL ${name}`)), [], name)
    for (const name of ['SIGQUIT', '3', 'SIGWINCH', 'RTMIN+3', 'SIGKILL', '9', '19']) {
      assert.deepEqual(check(node(good, `STOPSIGNAL ${name}`)), ['3 signal-unheard error'], name)
    }
    const write = (name: string, how?: How) =>
      result(node(good, `STOPSIGNAL ${name}`), how).findings[0]?.write
    assert.equal(write('SIGQUIT'), 'Write `STOPSIGNAL SIGTERM`, or add SIGQUIT to `signals`')
    assert.equal(write('SIGUSR1'), 'Write `STOPSIGNAL SIGTERM`')
    assert.equal(write('SIGKILL', { options: { signals: ['SIGINT'] } }), 'Write `STOPSIGNAL SIGINT`')
    assert.equal(write('SIGTERM', { options: { signals: false } }), 'Add it to `signals`')
    assert.deepEqual(check(node(good, 'STOPSIGNAL SIGQUIT'), { options: { signals: ['SIGQUIT'] } }), [])
  })

  test('may come from a variable', () => {
    assert.deepEqual(check(node('ENV S=SIGQUIT', good, 'STOPSIGNAL $S')), ['4 signal-unheard error'])
    assert.deepEqual(check(node('ENV S SIGINT', good, 'STOPSIGNAL ${S}')), [])
    assert.deepEqual(check(node(good, 'ENV S', 'STOPSIGNAL $S')), ['4 cannot-be-read note'])
  })
})

describe('the health check of an image', () => {
  const health = (command: string, ...more: string[]) => check(node(good, ...more, `HEALTHCHECK ${command}`))

  test('must ask what the plugin answers, where it does', () => {
    assert.deepEqual(health('CMD curl -f http://localhost:3000/readyz'), [])
    assert.deepEqual(
      health('--interval=5s --timeout=3s CMD ["wget", "-qO-", "http://127.0.0.1:3000/health"]'),
      ['3 probe-path warning']
    )
    assert.deepEqual(health('CMD curl localhost:4000/readyz', 'EXPOSE 3000 53/udp 9229/tcp'), [
      '4 probe-port warning'
    ])
    assert.deepEqual(health('CMD curl localhost:4000/readyz', 'ENV PORT=4000', 'EXPOSE 3000'), [])
    const asked = node(good, 'HEALTHCHECK CMD curl localhost:4000/readyz')
    assert.deepEqual(check(asked, { port: 3000 }), ['3 probe-port warning'])
  })

  test('may be switched off, or be a script', () => {
    assert.deepEqual(health('NONE'), [])
    assert.deepEqual(health('CMD'), [])
    assert.deepEqual(health('CMD node health.js'), ['3 cannot-be-read note'])
    const script = node(good, 'COPY . .', 'HEALTHCHECK CMD node health.js')
    assert.deepEqual(check(script, {}, { 'health.js': "get('http://localhost:3000/ping')" }), [
      '4 probe-path warning'
    ])
  })
})

describe('what is no app of Node.js', () => {
  test('is left out', () => {
    assert.deepEqual(leftOut('FROM python:3\nCMD python app.py'), ['2 it starts python'])
    assert.deepEqual(leftOut('FROM nginx\nCMD ["./start"]'), ['2 the image is nginx'])
    assert.deepEqual(leftOut('FROM scratch\nENTRYPOINT ["/app"]'), [
      '2 nothing in it says that it starts an app of Node.js'
    ])
    assert.deepEqual(leftOut('FROM scratch'), ['1 nothing in it says that it starts an app of Node.js'])
  })

  test('is distinguished from an app by what it installs or starts', () => {
    assert.deepEqual(check('FROM alpine\nRUN <<E\napk add nodejs\nE\nCMD ["./run"]'), [
      '5 cannot-be-read note'
    ])
    assert.deepEqual(check('FROM php:8\nCMD npm start'), ['2 signal-not-reached warning'])
    assert.deepEqual(check('FROM gcr.io/distroless/nodejs22-debian12\nCMD ["server.js"]'), [
      '2 init-missing note'
    ])
  })

  test('is what was not named, if there are several', () => {
    const files = {
      'api/Dockerfile': node('CMD npm start'),
      'web/Dockerfile.prod': 'FROM node AS www\nCMD npm start'
    }
    const found = (...apps: string[]) =>
      checkFiles(files, { apps, inFolder: true }).findings.map(({ file }) => file)
    assert.deepEqual(found(), ['api/Dockerfile', 'web/Dockerfile.prod'])
    assert.deepEqual(found('api'), ['api/Dockerfile'])
    assert.deepEqual(found('www'), ['web/Dockerfile.prod'])
    assert.deepEqual(found('prod'), ['web/Dockerfile.prod'])
    assert.equal(said(checkFiles(files, { apps: ['other'] })).length, 2, 'each was named itself')
  })
})

describe('a Dockerfile that is none', () => {
  test('is said, and the rest of it is read', () => {
    assert.deepEqual(check('RUN x', { format: 'dockerfile' }), ['1 cannot-be-read warning'])
    const found = result(node('STOPSIGNALL SIGQUIT', 'CMD npm start', '{{ x }}'))
    assert.deepEqual(said(found), ['2 cannot-be-read warning', '3 signal-not-reached error'])
    assert.equal(found.findings[0]?.write, 'Did you mean `STOPSIGNAL`?')
    assert.match(result(node('{% if x %}', good)).findings[0]?.write ?? '', /^Mend the line/)
  })

  test('is distinguished from another file by its name and what is in it', () => {
    const named = (name: string, text: string) =>
      checkFiles({ [name]: text }, { inFolder: true }).checked.length
    for (const name of [
      'Dockerfile',
      'dockerfile',
      'api.Dockerfile',
      'Dockerfile.prod',
      'Containerfile',
      '-'
    ]) {
      assert.equal(named(name, 'from node\n'), 1, name)
    }
    assert.equal(named('Dockerfile', 'nothing'), 0)
    assert.equal(named('Dockerfile.d/x.ts', 'FROM node'), 0)
  })
})

describe('options that are impossible outside of Kubernetes', () => {
  test('are those of an image for Kubernetes; where they are impossible everywhere, that is said', () => {
    assert.deepEqual(check(node('CMD npm start'), { options: { lameDuck: 12_000 } }), [
      '2 signal-not-reached error'
    ])
    assert.deepEqual(check(node('CMD npm start'), { options: { lameDuck: 90_000 } }), [
      '2 options-impossible error'
    ])
  })
})
