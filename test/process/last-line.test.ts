import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import WebSocket from 'ws'
import { AppProcess, startApp } from '../support/app-process.ts'
import { killGroup, runToEnd, startChild } from '../support/children.ts'
import { cleanup } from '../support/cleanup.ts'
import { assertWithin, inTime, Late } from '../support/in-time.ts'

// What the last line of a blocked process needs, and what may be missing. How late the kill is, the machine decides.

const deadline = 2_000
const onLinux = process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: it takes Linux' }

interface LastLine {
  readonly code: string
  readonly msg: string
  readonly stack: readonly { readonly function: string; readonly file: string; readonly line: number }[]
}

function linesIn(text: string): LastLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LastLine)
}

/** The kill waits for the line, but not for long, and a busy machine may need longer. */
function lastLineIn(text: string): LastLine {
  const [line] = linesIn(text)
  if (line === undefined) throw new Late('the line')
  return line
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'last-line-'))
  cleanup(t, () => rmSync(path, { recursive: true, force: true }))
  return path
}

const loops = (times: number) => ({ hook: 'loops', options: { deadline: times * deadline } })

describe('the last line needs', () => {
  test('no pool', onLinux, (t) =>
    inTime(t, async (times) => {
      const app = await startApp(t, { ...loops(times), holder: 'fifos' }, { fixture: 'held' })
      await app.message({ held: 'fifos' })
      app.kill()
      assert.equal((await app.exited).signal, 'SIGKILL')
      const { msg } = lastLineIn(app.stderr)
      if (!msg.includes('loopsInAHook')) throw new Late('the stack')
    })
  )

  test('no pool, also where stderr is a file', onLinux, (t) =>
    inTime(t, async (times) => {
      const path = join(folder(t), 'stderr')
      const stderr = openSync(path, 'w')
      const app = await startApp(t, { ...loops(times), holder: 'fifos' }, { fixture: 'held', stderr })
      await app.message({ held: 'fifos' })
      app.kill()
      assert.equal((await app.exited).signal, 'SIGKILL')
      closeSync(stderr)
      assert.equal(lastLineIn(readFileSync(path, 'utf8')).code, 'LIFECYCLE_HARD_KILL')
    })
  )

  test('nobody who reads it: a full pipe does not hold the kill', onLinux, async (t) => {
    const path = join(folder(t), 'fifo')
    execFileSync('mkfifo', [path])
    const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    cleanup(t, () => closeSync(reading))
    const filling = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    assert.throws(() => {
      for (;;) writeSync(filling, 'x'.repeat(4_096))
    }, /EAGAIN/)
    closeSync(filling)
    // A pipe that blocks, as most are.
    const stderr = openSync(path, 'w')
    const app = await startApp(t, loops(1), { fixture: 'held', stderr })
    closeSync(stderr)
    app.kill()
    assert.equal((await app.exited).signal, 'SIGKILL')
  })

  test(
    'nobody who reads it: nor does a full socket, and one that is read has the line',
    onLinux,
    async (t) => {
      for (const isRead of [true, false]) {
        await inTime(t, async (times) => {
          const { child, text } = await startWithSocket(t, times * deadline, isRead)
          child.kill('SIGTERM')
          const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
          assert.equal(signal, 'SIGKILL')
          if (isRead) assert.equal(lastLineIn(await text()).code, 'LIFECYCLE_HARD_KILL')
        })
      }
    }
  )

  test('no descriptor that is free by then; and the thread is made once there are some', onLinux, (t) =>
    inTime(t, async (times) => {
      const shell = 'ulimit -n 200; exec "$@"'
      const runner = { execPath: 'sh', execArgv: ['-c', shell, 'sh', process.execPath] }
      const setup = { ...loops(2 * times), descriptors: 'used up' }
      const app = await startApp(t, setup, { fixture: 'held', ...runner })
      app.kill()
      await app.logged('LIFECYCLE_NO_WATCHDOG')
      app.tell('free')
      await Promise.race([app.logged('LIFECYCLE_WATCHDOG'), app.exited])
      app.tell('go on')
      const { signal } = await app.exited
      if (!app.logs.some(({ code }) => code === 'LIFECYCLE_WATCHDOG')) throw new Late('the thread')
      assert.equal(signal, 'SIGKILL')
      assert.equal(lastLineIn(app.stderr).code, 'LIFECYCLE_HARD_KILL')
    })
  )
})

/** An app whose stderr is a socket, as under some supervisors, that is read or full. */
async function startWithSocket(t: TestContext, time: number, isRead: boolean) {
  const server = createServer()
  const accepted = once(server, 'connection')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
  await once(socket, 'connect')
  const [peer] = (await accepted) as [import('node:net').Socket]
  cleanup(t, () => {
    server.close()
    socket.destroy()
    peer.destroy()
  })
  let heard = ''
  const ended = isRead ? once(peer, 'end') : Promise.resolve()
  if (isRead) {
    peer.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk
    })
  } else {
    peer.pause()
    while (socket.write('x'.repeat(65_536))) await new Promise((resolve) => setImmediate(resolve))
  }
  const fixture = new URL('../fixtures/held.js', import.meta.url)
  const child: ChildProcess = startChild(process.execPath, [fixture.pathname], {
    env: { ...process.env, FIXTURE_SETUP: JSON.stringify({ hook: 'loops', options: { deadline: time } }) },
    stdio: ['ignore', 'pipe', socket, 'ipc']
  })
  cleanup(t, () => child.kill('SIGKILL'))
  await new Promise<void>((resolve) => {
    child.on('message', (message: object) => {
      if ('held' in message) resolve()
    })
  })
  const text = async () => {
    socket.destroy()
    await ended
    return heard
  }
  return { child, text }
}

describe('a source map', () => {
  const mapOf = (bytes: number, mappings = 'AAAA') => ({
    version: 3,
    sources: ['original.ts'],
    sourcesContent: ['x'.repeat(bytes)],
    names: [],
    mappings
  })
  const code = 'export default function blocksHere() {\n  for (;;) {}\n}\n'

  for (const [bytes, isUsed] of [
    [100_000, true],
    [1_000_000, true],
    [2_200_000, false]
  ] as const) {
    test(`of ${bytes / 1e6} MB in the script itself ${isUsed ? 'is used' : 'is too large'}, and the frames are there`, (t) =>
      inTime(t, async (times) => {
        const path = join(folder(t), 'blocks.mjs')
        // Each line of the code is the line of the same number plus one.
        const map = JSON.stringify(mapOf(bytes, 'AACA;AACA;AACA'))
        const inline = Buffer.from(map).toString('base64')
        writeFileSync(path, `${code}//# sourceMappingURL=data:application/json;base64,${inline}\n`)
        const setup = { hook: pathToFileURL(path).href, options: { deadline: times * deadline } }
        const env = { NODE_OPTIONS: '--enable-source-maps' }
        const app = await startApp(t, setup, { fixture: 'held', env })
        app.kill()
        assert.equal((await app.exited).signal, 'SIGKILL')
        const { stack } = lastLineIn(app.stderr)
        const frame = stack.find((each) => each.function === 'blocksHere')
        if (frame === undefined) throw new Late('the stack')
        if (isUsed && !frame.file.endsWith('original.ts')) throw new Late('the source')
        assert.match(frame.file, isUsed ? /original\.ts$/ : /blocks\.mjs$/)
      }))
  }
})

describe('under the permission model', () => {
  const known = process.allowedNodeEnvironmentFlags
  const permission = known.has('--permission') ? '--permission' : '--experimental-permission'
  const network = known.has('--allow-net') ? '--allow-net' : ''
  const flags = `${permission} --allow-fs-read=* --allow-fs-write=* --allow-worker ${network}`
  const inspector = known.has('--allow-inspector')

  test('a healthy shutdown ends as it should, with the watchdog', async (t) => {
    const env = { NODE_OPTIONS: flags }
    const app = await startApp(t, { options: { deadline: 3_000 } }, { fixture: 'held', env })
    app.kill()
    const { code, signal } = await app.exited
    assert.deepEqual([code, signal], [0, null], app.stderr)
    assert.ok(!app.logs.some((line) => line.code === 'LIFECYCLE_NO_WATCHDOG'))
  })

  test('a blocked one is killed; it has a stack only where the inspector is allowed', (t) =>
    inTime(t, async (times) => {
      for (const more of inspector ? ['', '--allow-inspector'] : ['']) {
        const env = { NODE_OPTIONS: `${flags} ${more}` }
        const app = await startApp(t, loops(times), { fixture: 'held', env })
        app.kill()
        const { code, signal } = await app.exited
        assert.deepEqual([code, signal], [null, 'SIGKILL'], app.stderr)
        const { stack } = lastLineIn(app.stderr)
        if (more === '') assert.deepEqual(stack, [])
        else if (stack.length === 0) throw new Late('the stack')
      }
    }))
})

test(
  'where a limit leaves too few addresses for a thread, there is a warning and no abort',
  onLinux,
  async (t) => {
    // Some more than Node.js takes itself, and less than it takes with another thread.
    const sizeOf =
      "console.log(/VmSize:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status'))[1])"
    const size = Number(execFileSync(process.execPath, ['-e', sizeOf], { encoding: 'utf8' }))
    const shell = `ulimit -v ${size + 400_000}; exec "$@"`
    const runner = { execPath: 'sh', execArgv: ['-c', shell, 'sh', process.execPath] }
    const app = await startApp(t, { options: { deadline: 3_000 } }, { fixture: 'held', ...runner })
    app.kill()
    const { code, signal } = await app.exited
    assert.deepEqual([code, signal], [0, null], app.stderr)
    const warning = app.logs.find((line) => line.code === 'LIFECYCLE_NO_WATCHDOG')
    assert.match(
      String((warning?.['err'] as { message: string } | undefined)?.message),
      /needs 1000 MB of addresses/
    )
  }
)

test('on a busy machine the kill comes as late as any other process gets to run, and with its line', (t) =>
  inTime(t, async (times) => {
    const hogs = Array.from({ length: 2 * availableParallelism() }, () =>
      startChild(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' })
    )
    const stop = () => {
      for (const hog of hogs.splice(0)) killGroup(hog)
    }
    cleanup(t, stop)
    try {
      const app = await startApp(t, loops(times), { fixture: 'held' })
      const signalled = app.kill()
      // What becomes of a plain timer meanwhile: at its latest, the end of another process.
      const begin = performance.now()
      await runToEnd(process.execPath, ['-e', `setTimeout(() => {}, ${times * deadline})`])
      const late = performance.now() - begin - times * deadline
      const { signal, at } = await app.exited
      assert.equal(signal, 'SIGKILL')
      assert.equal(lastLineIn(app.stderr).code, 'LIFECYCLE_HARD_KILL')
      t.diagnostic(
        `${Math.round(at - signalled - times * deadline)} ms late, another process ${Math.round(late)} ms`
      )
      assertWithin(at - signalled - times * deadline, 250 + 2 * late, 'the end')
    } finally {
      stop()
    }
  }))

test('a process that a debugger holds at a breakpoint is killed at its deadline, too', (t) =>
  inTime(t, async (times) => {
    const app = new AppProcess('held', loops(times), {}, { execArgv: ['--inspect=127.0.0.1:0'] })
    cleanup(t, () => app.kill('SIGKILL'))
    await app.message({ held: 'nothing' })
    await app.complained('ws://')
    const url = /ws:\/\/\S+/.exec(app.stderr)?.[0] as string
    const debug = new WebSocket(url)
    await once(debug, 'open')
    cleanup(t, () => debug.terminate())
    let id = 0
    const post = (method: string, params = {}) => debug.send(JSON.stringify({ id: ++id, method, params }))
    const paused = new Promise<void>((resolve) => {
      debug.on('message', (text) => {
        if (JSON.parse(String(text)).method === 'Debugger.paused') resolve()
      })
    })
    post('Debugger.enable')
    app.kill()
    await app.phase('closing')
    // The hook loops: wherever this stops it, that is a breakpoint.
    post('Debugger.pause')
    await Promise.race([paused, app.exited.then(() => Promise.reject(new Late('the breakpoint')))])
    assert.equal((await app.exited).signal, 'SIGKILL')
    assert.equal(lastLineIn(app.stderr).code, 'LIFECYCLE_HARD_KILL')
  }))

test('an app that comes while others end is ended with them, and its hooks run', async (t) => {
  const app = await startApp(t, { comesLate: true }, { fixture: 'held' })
  app.kill()
  await app.message({ registered: 'late' })
  await app.message({ hook: 'flush' })
  assert.equal((await app.message({ late: 'clean' }))['reason'], 'signal')
  assert.equal((await app.exited).code, 0)
})
