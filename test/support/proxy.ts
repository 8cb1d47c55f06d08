import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

// Real proxies before the app, each with a configuration that is part of one.

/** A proxy by the name of its program. */
export type ProxyName = 'haproxy' | 'nginx'

/** Whether the program is on this machine. */
export function hasProxy(name: ProxyName): boolean {
  try {
    execFileSync(name, ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Starts it with the configuration as it is, but for addresses and ports; returns where it listens. */
export async function startProxy(t: TestContext, name: ProxyName, configuration: string): Promise<number> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'proxy-'))
  const file = join(directory, 'proxy.conf')
  writeFileSync(file, wholeConfiguration[name](configuration, port, directory))
  const child = spawn(name, parameters[name](file, directory), { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (text) => {
    complaints += text
  })
  t.after(async () => {
    await stop(child)
    rmSync(directory, { recursive: true })
  })
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} does not start: ${complaints}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return port
}

const parameters: Record<ProxyName, (file: string, directory: string) => string[]> = {
  haproxy: (file) => ['-db', '-f', file],
  nginx: (file, directory) => ['-p', directory, '-e', 'stderr', '-c', file]
}

const wholeConfiguration: Record<ProxyName, (part: string, port: number, directory: string) => string> = {
  haproxy: (part, port) =>
    [
      'defaults',
      '  timeout connect 2s',
      '  timeout client 10s',
      '  timeout server 10s',
      'frontend http',
      '  mode http',
      `  bind 127.0.0.1:${port}`,
      `  default_backend ${/^backend (\S+)/m.exec(part)?.[1]}`,
      part
    ].join('\n'),
  nginx: (part, port, directory) =>
    [
      'daemon off;',
      'worker_processes 1;',
      `pid ${directory}/nginx.pid;`,
      'events {}',
      'http {',
      '  access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `  ${kind}_temp_path ${directory}/${kind};`
      ),
      part.replace('listen 80;', `listen 127.0.0.1:${port};`),
      '}',
      ''
    ].join('\n')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
