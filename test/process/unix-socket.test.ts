import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { endsItself } from '../support/in-time.ts'

const onPosix = process.platform === 'win32' ? { skip: 'NOT CHECKED: Windows has pipes instead' } : {}

/** An app that listens on a unix socket, in a folder that has nothing else. */
async function listening(t: TestContext, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'unix-'))
  cleanup(t, () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'app.sock')
  const app = await startApp(t, { where: { path }, options })
  const files = () => readdirSync(folder)
  assert.deepEqual(files(), ['app.sock'])
  return { app, path, files }
}

/** A request that is in flight for ever, so that the listener is open. */
async function hang(app: Awaited<ReturnType<typeof startApp>>, socketPath: string): Promise<void> {
  http.get({ socketPath, path: '/hung/1' }).on('error', () => {})
  await app.message({ arrived: '/hung/1' })
}

/** What a new version of the app does: it takes the name over. */
async function succeed(t: TestContext, path: string): Promise<void> {
  unlinkSync(path)
  const successor = net.createServer((socket) => socket.end('from the successor'))
  successor.listen(path)
  await once(successor, 'listening')
  cleanup(t, () => successor.close())
}

async function answerOf(path: string): Promise<string> {
  const socket = net.connect(path)
  const [answer] = await once(socket, 'data')
  return String(answer)
}

describe('the file of a unix socket', onPosix, () => {
  test('is removed by a clean shutdown', async (t) => {
    const { app, files } = await listening(t)
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.deepEqual(files(), [])
  })

  test('is removed where a second Ctrl-C ends the process', async (t) => {
    const { app, path, files } = await listening(t)
    await hang(app, path)
    app.kill('SIGINT')
    await app.phase('draining')
    // So long that it cannot be taken for the one before.
    await new Promise((resolve) => setTimeout(resolve, 600))
    app.kill('SIGINT')
    assert.equal((await app.exited).code, 1)
    assert.equal(app.report.outcome, 'abandoned')
    assert.deepEqual(files(), [])
  })

  test('is removed at the deadline', async (t) => {
    const { app, path, files } = await listening(t, { ...endsItself(1_000), drainTimeout: 600_000 })
    await hang(app, path)
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.deepEqual(files(), [])
  })

  for (const repeats of [false, true]) {
    test(`stays where a successor listens there: ${repeats ? 'a second Ctrl-C' : 'a clean shutdown'}`, async (t) => {
      const { app, path, files } = await listening(t)
      if (repeats) await hang(app, path)
      await succeed(t, path)
      app.kill('SIGINT')
      if (repeats) {
        await app.phase('draining')
        await new Promise((resolve) => setTimeout(resolve, 600))
        app.kill('SIGINT')
      }
      assert.equal((await app.exited).code, repeats ? 1 : 0)
      assert.deepEqual(files(), ['app.sock'])
      assert.equal(await answerOf(path), 'from the successor')
    })
  }
})
