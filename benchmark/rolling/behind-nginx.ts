import { setTimeout as sleep } from 'node:timers/promises'
import { deploymentFor } from '../../deployment/index.ts'
import { freePort } from '../../test/support/free-port.ts'
import { startNGINX } from '../../test/support/nginx.ts'
import type { Owner } from '../../test/support/proxy.ts'
import { budgetOf } from './budget.ts'
import type { Cell, NGINXFront } from './cells.ts'
import { hostsFor, startInPlace } from './in-place.ts'
import type { Platform } from './platform.ts'

/** Instances that are restarted in place behind an nginx, which has the upstream that `deploymentFor` writes. */
export async function behindNGINX(owner: Owner, cell: Cell, front: NGINXFront): Promise<Platform> {
  const { app, grace } = budgetOf(cell)
  const port = await freePort()
  const hosts = hostsFor(cell.backends)
  const { nginx } = deploymentFor(app, { port, hosts })
  const instances = await startInPlace(owner, cell.subject, hosts, { ...app, port, transport: 'http' })
  const { reload, ...balancer } = await startNGINX(
    owner,
    nginx.toText(),
    front.client === 'HTTP/2' ? 'http2' : ''
  )
  const toldFirst = async (index: number) => {
    const server = new RegExp(`server ${hosts[index]}:${port} .*(?=;)`)
    await reload(nginx.toText().replace(server, '$& down'))
    const end = await instances.restart(index, grace)
    await reload(nginx.toText())
    return end
  }
  const leftAlone = async (index: number) => {
    const end = await instances.restart(index, grace)
    // What the next one's lame duck does not cover of the time that nginx needs to come back to this one.
    await sleep(Math.max(0, nginx.lameDuckAtLeast - nginx.budget.lameDuck))
    return end
  }
  return { ...balancer, replace: front.told === 'down' ? toldFirst : leftAlone }
}
