import { setTimeout as sleep } from 'node:timers/promises'
import { deploymentFor } from '../../deployment/index.ts'
import { freePort } from '../../test/support/free-port.ts'
import { startHAProxy } from '../../test/support/haproxy.ts'
import type { Owner } from '../../test/support/proxy.ts'
import { budgetOf, lameDuckForHAProxy, probeOfHAProxy } from './budget.ts'
import type { Cell, HAProxyFront } from './cells.ts'
import { hostsFor, startInPlace } from './in-place.ts'
import type { Platform } from './platform.ts'

const name = 'app'

/** Instances that are restarted in place behind a HAProxy, which has the backend that `deploymentFor` writes. */
export async function behindHAProxy(owner: Owner, cell: Cell, front: HAProxyFront): Promise<Platform> {
  const { app, grace } = budgetOf(cell)
  const port = await freePort()
  const hosts = hostsFor(cell.backends)
  // The same checks whatever the app does, so that cells can be compared.
  const { haproxy } = deploymentFor(
    { deadline: app.deadline, lameDuck: lameDuckForHAProxy },
    { name, port, hosts, probe: probeOfHAProxy }
  )
  const transport = front.server === 'HTTP/2' ? 'h2c' : 'http'
  const instances = await startInPlace(owner, cell.subject, hosts, { ...app, port, transport })
  const { sees, ...balancer } = await startHAProxy(
    owner,
    variant(haproxy.toText(), front),
    front.client === 'HTTP/2' ? 'proto h2' : ''
  )
  const servers = hosts.map((_host, index) => `${name}-${index + 1}`)
  await Promise.all(servers.map((server) => sees(server, 'UP')))
  return {
    ...balancer,
    async replace(index) {
      const end = await instances.restart(index, grace)
      // It may have noticed late that the old one was away.
      await sleep(haproxy.inter + haproxy.timeout)
      await sees(servers[index] as string, 'UP')
      return end
    }
  }
}

function variant(backend: string, { retries, server }: HAProxyFront): string {
  const text = backend.replace(/^ {2}retries .*/m, `  retries ${retries}`)
  return server === 'HTTP/1.1' ? text : text.replaceAll(/^ {2}server .*/gm, '$& proto h2')
}
