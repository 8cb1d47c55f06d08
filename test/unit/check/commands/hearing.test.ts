import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Hearing, hearingOf, type Surroundings } from '../../../../check/commands/hearing.ts'
import { shellOf } from '../../../../check/commands/shells.ts'

/** Who hears, short: `app node server.js`, or what stands in front. */
function heard(words: readonly string[], around: Partial<Surroundings> = {}): string {
  return short(hearingOf(words, { shell: 'unknown', ...around }))
}

function short(hearing: Hearing): string {
  if (hearing.reach === 'app') return `app: ${hearing.words.join(' ')}`
  if (hearing.reach === 'nobody')
    return `${hearing.certain ? 'nobody' : 'perhaps nobody'}, ${hearing.front.kind} ${hearing.front.name}: ${hearing.words.join(' ')}`
  if (hearing.reach === 'by luck')
    return `by luck, ${hearing.front.kind} ${hearing.front.name}: ${hearing.words.join(' ')}`
  if (hearing.reach === 'pm2') return 'pm2'
  return `${hearing.reach}: ${hearing.program}`
}

const sh = (script: string, around?: Partial<Surroundings>, shell = 'sh') =>
  heard([shell, '-c', script], around)

describe('the stop signal reaches the app', () => {
  test('where node is started itself', () => {
    assert.equal(heard(['node', 'server.js']), 'app: node server.js')
    assert.equal(heard(['/usr/local/bin/node', 'server.js']), 'app: /usr/local/bin/node server.js')
    assert.equal(heard(['bun', 'run', 'index.ts']), 'app: bun run index.ts')
    assert.equal(heard(['fastify', 'start', 'app.js']), 'app: fastify start app.js')
  })

  test('behind what becomes it, or hands every signal on', () => {
    const started = ['node', 'server.js']
    for (const before of [
      ['/sbin/tini', '--'],
      ['tini', '-g', '-e', '143', '--'],
      ['/usr/bin/dumb-init', '--'],
      ['dumb-init', '--rewrite', '15:2'],
      ['env', '-u', 'HOME', 'A=1'],
      ['A=1'],
      ['docker-entrypoint.sh'],
      ['exec'],
      ['nice', '-n', '10'],
      ['gosu', 'node'],
      ['su-exec', 'node:node'],
      ['tini', '--', 'gosu', 'node', 'env']
    ]) {
      assert.equal(heard([...before, ...started]), 'app: node server.js', before.join(' '))
    }
  })

  test('behind a shell whose last command is exec', () => {
    for (const shell of ['sh', 'dash', 'bash', '/bin/ash']) {
      assert.equal(sh('exec node server.js', {}, shell), 'app: node server.js')
      assert.equal(sh('npm run migrate && exec node server.js', {}, shell), 'app: node server.js')
      assert.equal(
        sh('if x; then y; fi; exec node server.js; echo never', {}, shell),
        `unknown: ${shell.replace('/bin/', '')}`
      )
    }
    assert.equal(heard(['sh', '-c', 'exec "$@"', '--', 'node', 'server.js']), 'app: node server.js')
    assert.equal(heard(['bash', '-lc', 'node server.js']), 'app: node server.js')
  })

  test('by luck, where the shell becomes its last command', () => {
    const replaces = { shell: 'replaces' } as const
    assert.equal(sh('node server.js', replaces), 'by luck, shell sh: node server.js')
    assert.equal(sh('node migrate.js && node server.js', replaces), 'by luck, shell sh: node server.js')
    assert.equal(heard(['npm', 'start'], replaces), 'by luck, package manager npm start: ')
    assert.equal(
      heard(['pnpm', 'run', 'start:prod'], replaces),
      'by luck, package manager pnpm run start:prod: '
    )
    assert.equal(heard(['tsx', 'app.ts']), 'by luck, runner tsx: node --import tsx app.ts')
  })
})

describe('the stop signal does not reach the app', () => {
  test('behind a shell that stays', () => {
    const keeps = { shell: 'keeps' } as const
    assert.equal(sh('node server.js', keeps), 'nobody, shell sh: node server.js')
    assert.equal(sh('node server.js'), 'perhaps nobody, shell sh: node server.js')
    assert.equal(sh('node server.js', { shell: 'replaces' }, 'dash'), 'nobody, shell dash: node server.js')
    assert.equal(sh('node server.js || true', {}, 'bash'), 'nobody, shell bash: node server.js')
    assert.equal(sh('node server.js > /var/log/app 2>&1', {}, 'bash'), 'nobody, shell bash: node server.js')
  })

  test('behind a shell that has something to do later', () => {
    const replaces = { shell: 'replaces' } as const
    assert.equal(sh('node server.js; echo over', replaces), 'nobody, shell sh: node server.js')
    assert.equal(sh('node server.js & wait', replaces), 'nobody, shell sh: node server.js')
    assert.equal(sh('echo a; echo b', replaces), 'unknown: echo')
  })

  test('in a pipe', () => {
    const piped = 'nobody, pipe a pipe: node server.js'
    assert.equal(sh('node server.js | pino-pretty', { shell: 'replaces' }), piped)
    assert.equal(sh('node server.js 2>&1 |& tee log | cat', {}, 'bash'), piped)
    assert.equal(sh('cat x | xargs tail'), 'unknown: cat')
  })

  test('behind a package manager', () => {
    assert.equal(heard(['npm', 'start']), 'perhaps nobody, package manager npm start: ')
    assert.equal(heard(['npm', 'run', 'prod'], { shell: 'keeps' }), 'nobody, package manager npm run prod: ')
    assert.equal(heard(['yarn', 'start'], { shell: 'replaces' }), 'nobody, package manager yarn start: ')
    assert.equal(
      heard(['npm', `--prefix=${'x'.repeat(40)}`, 'start']),
      'perhaps nobody, package manager npm: '
    )
    const scriptNamed = (name: string) =>
      ({ start: 'NODE_ENV=production node dist/main.js', lib: 'python3 a.py', pm: 'pm2-runtime x.js' })[name]
    assert.equal(
      heard(['npm', 'start'], { scriptNamed }),
      'perhaps nobody, package manager npm start: node dist/main.js'
    )
    assert.equal(
      heard(['npm', 'run', '--silent', 'start'], { shell: 'keeps', scriptNamed }),
      'nobody, package manager npm run --silent: node dist/main.js'
    )
    assert.equal(heard(['npm', 'run', 'lib'], { scriptNamed }), 'other: python3')
    assert.equal(heard(['npm', 'run', 'pm'], { scriptNamed }), 'pm2')
    assert.equal(heard(['npm', 'run'], { scriptNamed }), 'perhaps nobody, package manager npm run: ')
    assert.equal(heard(['npm'], { scriptNamed }), 'perhaps nobody, package manager npm: ')
    const piped = { shell: 'replaces', scriptNamed: () => 'node a.js | pino-pretty' } as const
    assert.equal(heard(['npm', 'start'], piped), 'nobody, package manager npm start: node a.js')
  })

  test('behind a tool of developers', () => {
    assert.equal(heard(['nodemon', 'app.js']), 'nobody, development tool nodemon: ')
    assert.equal(heard(['tsx', 'watch', 'app.ts']), 'nobody, development tool tsx: ')
    assert.equal(heard(['node', '--watch', 'app.js']), 'nobody, development tool node: ')
    assert.equal(heard(['npx', 'nodemon']), 'perhaps nobody, package manager npx nodemon: ')
  })
})

describe('a script in a file', () => {
  const file = (text: string, given: readonly string[] = []) =>
    heard(['./start.sh', ...given], { fileNamed: (path) => (path.endsWith('start.sh') ? text : undefined) })

  test('hands the signal on where its last command is exec', () => {
    assert.equal(file('#!/bin/sh\nset -e\nnpm run migrate\nexec node server.js\n'), 'app: node server.js')
    assert.equal(
      file('#!/bin/sh\nif [ "$1" = x ]; then\n  echo y\nfi\n\nexec "$@"\n', ['node', 'a.js']),
      'app: node a.js'
    )
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's
    assert.equal(file('exec "${@}"', ['npm', 'start']), 'perhaps nobody, package manager npm start: ')
  })

  test('keeps it where it has none, whatever the shell', () => {
    assert.equal(file('#!/bin/bash\n# starts\nnode server.js\n'), 'nobody, shell start.sh: node server.js')
    assert.equal(file('#!/usr/bin/env sh\n"$@"\n', ['node', 'a.js']), 'nobody, shell start.sh: node a.js')
    assert.equal(file('#!/bin/sh\n./other\n'), 'unknown: other')
  })

  test('cannot be judged where it traps signals, has its exec elsewhere, or is no shell script', () => {
    assert.equal(file("#!/bin/sh\ntrap 'kill $p' TERM\nnode server.js & p=$!\nwait\n"), 'unknown: start.sh')
    assert.equal(file('#!/bin/sh\nx=1; if a; then true; exec node a; fi\nwait\n'), 'unknown: start.sh')
    assert.equal(file('#!/usr/bin/env python3\nexec()\n'), 'unknown: start.sh')
    assert.equal(file(''), 'unknown: start.sh')
    assert.equal(heard(['sh', 'start.sh']), 'unknown: start.sh')
    assert.equal(
      heard(['bash', '-x', './start.sh', 'a'], { fileNamed: () => 'exec node "$@"' }),
      'app: node a'
    )
  })
})

describe('who hears cannot be said', () => {
  test('of what nobody knows', () => {
    assert.equal(heard([]), 'unknown: nothing')
    assert.equal(heard(['sh']), 'unknown: sh')
    assert.equal(heard(['./server']), 'unknown: server')
    assert.equal(heard(['$APP']), 'unknown: a variable')
    assert.equal(heard(['doppler', 'run', '--', 'node', 'a']), 'unknown: doppler')
    assert.equal(sh(''), 'unknown: sh')
    assert.equal(sh('trap x TERM; node a'), 'unknown: sh')
    assert.equal(sh('node a & node b &'), 'unknown: sh')
    assert.equal(sh('for x in 1 2; do node $x; done'), 'unknown: sh')
    assert.equal(heard(Array.from({ length: 40 }, () => 'exec')), 'unknown: nothing')
  })

  test('or it is no app of Node.js', () => {
    for (const program of ['python3.11', 'gunicorn', 'java', 'nginx', 'php-fpm8.2']) {
      assert.equal(heard([program, 'x']), `other: ${program}`)
    }
    assert.equal(sh('exec gunicorn app'), 'other: gunicorn')
    assert.equal(heard(['pm2-runtime', 'start', 'a.js']), 'pm2')
  })
})

describe('the shell of an image', () => {
  test('is known by its name', () => {
    const shells = {
      replaces: ['node:24-alpine', 'alpine', 'registry.example/amazonlinux:2023', 'redhat/ubi9', 'fedora'],
      keeps: [
        'node:24',
        'node',
        'debian:12',
        'ubuntu',
        'acme/base:bookworm',
        'oven/bun:1',
        'node:24-slim@sha256:0'
      ],
      unknown: ['acme/orders:1.0', 'orders', undefined]
    } as const
    for (const [shell, images] of Object.entries(shells)) {
      for (const image of images) assert.equal(shellOf(image), shell, image)
    }
  })
})
