import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { directoryFor, linesOf, type Owner, startProxy } from './proxy.ts'

/** A real nginx. */
export interface NGINX {
  readonly port: number
  /** Takes another configuration, and resolves when the workers that have it are there, and no others. */
  reload(http: string): Promise<void>
  /** The requests so far that were answered 5xx: by method, and what each server said that was asked. */
  troubles(): Record<string, number>
}

const workers = 2

/** Starts it with what stands in `http { … }`, but on a port of its own instead of port 80. */
export async function startNGINX(owner: Owner, http: string, listen = ''): Promise<NGINX> {
  const port = await freePort()
  const directory = directoryFor(owner, 'nginx')
  const file = join(directory, 'nginx.conf')
  const write = (text: string) => {
    const moved = text.replace('listen 80;', `listen 127.0.0.1:${port} ${listen};`)
    if (moved === text) throw new Error(`nothing listens on port 80 here:\n${text}`)
    writeFileSync(file, configuration(moved, directory))
  }
  write(http)
  const child = await startProxy(owner, 'nginx', ['-p', directory, '-c', file], port)

  return {
    port,
    troubles: () => linesOf(readFileSync(join(directory, 'troubles'), 'utf8')),
    async reload(text) {
      write(text)
      const started = new Promise<void>((resolve) => {
        let said = ''
        child.stderr?.on('data', function look(chunk) {
          said += chunk
          const isThere = (what: RegExp) => (said.match(what)?.length ?? 0) >= workers
          if (!isThere(/start worker process \d/g) || !isThere(/worker process \d+ exited/g)) return
          child.stderr?.removeListener('data', look)
          resolve()
        })
      })
      child.kill('SIGHUP')
      await started
    }
  }
}

function configuration(http: string, directory: string): string {
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`
  )
  return `daemon off;
worker_processes ${workers};
pid ${directory}/pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
  ${bodies.join('\n  ')}
  map $status $is_trouble { ~^5 1; default 0; }
  log_format trouble '$request_method $upstream_status';
  access_log ${directory}/troubles trouble if=$is_trouble;
${http}
}
`
}
