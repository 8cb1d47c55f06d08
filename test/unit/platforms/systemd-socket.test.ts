import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { systemdSocket } from 'fastify-lifecycle/systemd'
import { cleanup } from '../../support/cleanup.ts'
import { withSignals } from '../../support/program.ts'

/** What systemd would have set, until the test is over. */
function given(t: TestContext, variables: Readonly<Record<string, string>>): void {
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) {
    const before = process.env[name]
    cleanup(t, () => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
    delete process.env[name]
  }
  Object.assign(process.env, variables)
}

const us = String(process.pid)

/** A descriptor of this process, as if systemd had passed it, last of all, under this name. */
function passed(t: TestContext, fd: number, name: string): void {
  const names = [...Array.from({ length: fd - 3 }, () => 'another'), name].join(':')
  given(t, { LISTEN_FDS: String(fd - 2), LISTEN_PID: us, LISTEN_FDNAMES: names })
}

async function listeningAt(t: TestContext, where: net.ListenOptions): Promise<number> {
  const server = net.createServer()
  cleanup(t, () => server.close())
  await new Promise<void>((resolve) => server.listen(where, resolve))
  return (server as unknown as { _handle: { fd: number } })._handle.fd
}

describe('a socket of systemd', withSignals, () => {
  test('is none where systemd passed none to this very process', (t) => {
    given(t, {})
    assert.equal(systemdSocket(), undefined)
    for (const LISTEN_FDS of ['0', '-1', '', 'two', '1.5']) {
      given(t, { LISTEN_FDS, LISTEN_PID: us })
      assert.equal(systemdSocket(), undefined, LISTEN_FDS)
    }
    for (const LISTEN_PID of [String(process.ppid), '', 'x']) {
      given(t, { LISTEN_FDS: '1', LISTEN_PID })
      assert.equal(systemdSocket('http'), undefined, LISTEN_PID)
    }
    given(t, { LISTEN_FDS: '1' })
    assert.equal(systemdSocket(), undefined)
  })

  test('is found by its name, and the environment stays as it is', async (t) => {
    const fd = await listeningAt(t, { port: 0, host: '127.0.0.1' })
    passed(t, fd, 'http')
    const before = { ...process.env }
    assert.deepEqual(systemdSocket('http'), { fd, host: '0.0.0.0', backlog: 4_096 })
    assert.deepEqual(systemdSocket('http'), { fd, host: '0.0.0.0', backlog: 4_096 })
    assert.deepEqual({ ...process.env }, before)
  })

  test('must be named where there are several', (t) => {
    given(t, { LISTEN_FDS: '3', LISTEN_PID: us, LISTEN_FDNAMES: 'http:admin:http' })
    assert.throws(() => systemdSocket(), {
      code: 'FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS',
      message: /asked for any of several sockets.*systemd passed 'http', 'admin', 'http'/
    })
    assert.throws(() => systemdSocket('http'), {
      code: 'FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS',
      message: /asked for 'http' of several/
    })
  })

  test('must be one that systemd passed', (t) => {
    given(t, { LISTEN_FDS: '2', LISTEN_PID: us, LISTEN_FDNAMES: 'http' })
    assert.throws(() => systemdSocket('htpp'), {
      code: 'FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN',
      message: /named 'htpp', but systemd passed 'http', one without a name\./
    })
    given(t, { LISTEN_FDS: '1', LISTEN_PID: us })
    assert.throws(() => systemdSocket('http'), { code: 'FST_LIFECYCLE_SYSTEMD_SOCKET_UNKNOWN' })
  })

  test('has a name that is a string', (t) => {
    given(t, {})
    assert.throws(() => systemdSocket(3000 as unknown as string), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  })

  test('must be open, and a socket that Fastify can listen on', async (t) => {
    const file = openSync(join(tmpdir()), 'r')
    passed(t, file, 'http')
    const code = 'FST_LIFECYCLE_SYSTEMD_DESCRIPTOR'
    assert.throws(() => systemdSocket('http'), {
      code,
      message: new RegExp(`descriptor ${file}, which systemd passed: it is no socket`)
    })
    closeSync(file)
    assert.throws(() => systemdSocket('http'), { code, message: /it is not open/ })
    const unix = await listeningAt(t, { path: join(tmpdir(), `systemd-socket-${process.pid}`) })
    passed(t, unix, 'http')
    if (process.platform === 'linux') {
      assert.throws(() => systemdSocket('http'), { code, message: /it is a unix socket/ })
    }
  })
})
