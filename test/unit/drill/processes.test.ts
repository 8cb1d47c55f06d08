import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, type TestContext, test } from 'node:test'
import { inOrder, locate } from '../../../drill/locate.ts'
import { Family } from '../../../drill/processes/family.ts'
import { listeningOf, parseLsof, parseTCP, parseUnix } from '../../../drill/processes/listening.ts'
import { lastWords, Output, reportIn } from '../../../drill/processes/output.ts'
import { parsePs, processTable } from '../../../drill/processes/process-table.ts'
import type { Subject } from '../../../drill/processes/subject.ts'
import { type DrillSetup, nameOfTarget } from '../../../drill/setup.ts'

describe('what the system says of processes', () => {
  test('is read from ps', () => {
    const text =
      '    1     0     1 Ss   /sbin/init splash\n  42     1    42 Z+   [node]\n  43     1    42 S    node a.js\n\n'
    assert.deepEqual(parsePs(text), [
      { pid: 1, parent: 0, group: 1, command: '/sbin/init splash' },
      { pid: 43, parent: 1, group: 42, command: 'node a.js' }
    ])
  })

  test('is read from lsof', () => {
    assert.deepEqual(parseLsof('p42\nf20\nn*:3000\nf21\nn127.0.0.1:4000\nf22\nn[::1]:5000\n'), [
      { host: '::', port: 3_000 },
      { host: '127.0.0.1', port: 4_000 },
      { host: '::1', port: 5_000 }
    ])
  })

  test('is read from the tables of the kernel', () => {
    const row = (local: string, state: string, inode: string) =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1\n`
    const text = `  sl  local_address\n${row('0100007F:0BB8', '0A', '11')}${row('0100007F:0BB9', '01', '12')}${row('00000000000000000000000001000000:0BBA', '0A', '13')}`
    assert.deepEqual(parseTCP(text), [
      { inode: '11', listening: { host: '127.0.0.1', port: 3_000 } },
      { inode: '13', listening: { host: '::1', port: 3_002 } }
    ])
    const unix = `Num RefCount Protocol Flags Type St Inode Path
0: 00000002 00000000 00010000 0001 01 21 /run/my app.sock
0: 00000003 00000000 00000000 0001 03 22 /run/other.sock
0: 00000002 00000000 00010000 0001 01 23 @abstract
`
    assert.deepEqual(parseUnix(unix), [{ inode: '21', listening: { socketPath: '/run/my app.sock' } }])
  })
})

describe('what an app writes', () => {
  test('is kept as its last lines', async () => {
    const stream = new PassThrough()
    const output = new Output([stream])
    stream.write('one\r\ntw')
    stream.write('o\n\n')
    stream.end(`${'x\n'.repeat(500)}last`)
    await new Promise((resolve) => stream.once('close', resolve))
    assert.equal(output.count, 504)
    assert.equal(output.lines.length, 400)
    assert.equal(output.tail(2), '  x\n  last')
    assert.deepEqual(output.since(503), ['last'])
    assert.deepEqual(output.since(504), [])
  })

  test('says its last words: the first error, or the end', () => {
    const lines = ['a', 'b', '', 'TypeError: x is no function', ...'1234567'.split('')]
    assert.equal(lastWords(lines), '  TypeError: x is no function\n  1\n  2\n  3\n  4')
    assert.equal(lastWords(['a', 'b', 'c', 'd', 'e', 'f']), '  b\n  c\n  d\n  e\n  f')
    assert.equal(lastWords([]), '')
  })
})

describe('the report of the plugin', () => {
  const line = (report: object) => JSON.stringify({ code: 'LIFECYCLE_REPORT', report })
  test('is the last one in the log, if there is one and it is JSON', () => {
    assert.deepEqual(reportIn(['a', line({ number: 1 }), line({ number: 2 }), 'b']), { number: 2 })
    assert.equal(reportIn(['a', 'b']), undefined)
    assert.equal(reportIn(['code: "LIFECYCLE_REPORT"']), undefined)
  })
})

describe('on a system without /proc', () => {
  const { platform } = process
  const { PATH } = process.env
  beforeEach(() => Object.defineProperty(process, 'platform', { value: 'darwin' }))
  afterEach(() => {
    Object.defineProperty(process, 'platform', { value: platform })
    process.env['PATH'] = PATH
  })

  async function fake(t: TestContext, name: string, script: string): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'drill-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    process.env['PATH'] = `${directory}:${PATH}`
  }

  test('the processes are those of ps', async (t) => {
    await fake(t, 'ps', `echo "  43     1    42 S    node $*"`)
    const command = 'node -A -o pid=,ppid=,pgid=,stat=,command='
    assert.deepEqual(await processTable(), [{ pid: 43, parent: 1, group: 42, command }])
  })

  test('the listening sockets are those of lsof', async (t) => {
    await fake(t, 'lsof', '[ "$4" = 43,44 ] && printf "p43\\nf20\\nn*:3000\\n"')
    assert.deepEqual(await listeningOf([43, 44]), [{ host: '::', port: 3_000 }])
    assert.deepEqual(await listeningOf([]), [])
  })

  test('there are none where lsof finds nothing', async (t) => {
    await fake(t, 'lsof', 'exit 1')
    assert.deepEqual(await listeningOf([43]), [])
  })

  const subject = (lines: readonly string[] = []) =>
    ({
      family: { alive: async () => [] },
      output: { lines, tail: () => '' },
      exit: undefined,
      startedAt: performance.now()
    }) as unknown as Subject
  const setup = { boot: 60_000, paths: ['/'], command: ['node'], target: undefined } as unknown as DrillSetup

  test('an app that lsof does not know is found where its port is, or where its log says', async (t) => {
    await fake(t, 'lsof', 'exit 1')
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const target = { host: '127.0.0.1', port, isSecure: false }
    assert.deepEqual(await locate(setup, subject(), port), target)
    assert.deepEqual(await locate(setup, subject([`listening on port ${port}`]), 1), target)
  })
})

describe('an app', () => {
  test('that listens on a path is found there', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'drill-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    const socketPath = join(directory, 'app.sock')
    const server = createServer((_, response) => response.end()).listen(socketPath)
    await once(server, 'listening')
    t.after(() => server.close())
    const family = { alive: async () => [{ pid: process.pid, parent: 1, group: 1, command: 'node' }] }
    const subject = { family, output: undefined, exit: undefined, startedAt: 0 } as unknown as Subject
    const setup = {
      boot: 60_000,
      paths: ['/'],
      command: ['node'],
      target: undefined
    } as unknown as DrillSetup
    assert.deepEqual(await locate(setup, subject, 1), { socketPath, isSecure: false })
  })
})

describe('of several places', () => {
  test('the given port is tried first, then one that the log names; paths and the inspector come last', () => {
    const host = '127.0.0.1'
    const listening = [
      { host, port: 9_229 },
      { socketPath: '/run/a.sock' },
      { host: '0.0.0.0', port: 1_003 },
      { host, port: 1_002 },
      { host: '::', port: 1_001 }
    ]
    assert.deepEqual(inOrder(listening, 1_001, [1_002]).map(nameOfTarget), [
      'http://[::1]:1001',
      'http://127.0.0.1:1002',
      'http://127.0.0.1:1003',
      '/run/a.sock',
      'http://127.0.0.1:9229'
    ])
  })
})

describe('an app that ends before it answers', () => {
  const setup = { boot: 60_000, paths: ['/'], command: ['node', 'a.js'], target: undefined }
  const ends: readonly [what: string, exit: object, tail: string | undefined, code: string, says: RegExp][] =
    [
      [
        'with a code',
        { code: 3, signal: null },
        '',
        'exited-early',
        /'node a\.js' exited with code 3 after .* It wrote nothing\.$/
      ],
      [
        'by a signal',
        { code: null, signal: 'SIGSEGV' },
        undefined,
        'exited-early',
        /was ended by SIGSEGV after/
      ],
      [
        'with its last lines',
        { code: 1, signal: null },
        '  no database',
        'exited-early',
        /Its last lines:\n {2}no database$/
      ],
      [
        'because the port is taken',
        { code: 1, signal: null },
        '  EADDRINUSE',
        'port-taken',
        /The port is taken: /
      ]
    ]
  for (const [what, exit, tail, code, message] of ends) {
    test(`${what} is an error that says so`, async () => {
      const output = tail === undefined ? undefined : { lines: [], tail: () => tail }
      const family = { alive: async () => [] }
      const subject = { family, output, exit: { ...exit, at: 0 }, startedAt: 0 } as unknown as Subject
      await assert.rejects(locate(setup as unknown as DrillSetup, subject, 1), { code, message })
    })
  }
})

describe('the family of a command', () => {
  test('is killed whole, and a process that has ended meanwhile is no error', async (t) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const exited = once(child, 'exit')
    await once(child, 'spawn')
    const family = new Family(child.pid as number)
    t.mock.method(family, 'alive', async () => [{ pid: child.pid }, { pid: 2 ** 30 }])
    await family.kill()
    assert.deepEqual(await exited, [null, 'SIGKILL'])
  })
})
