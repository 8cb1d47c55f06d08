import { setTimeout as sleep } from 'node:timers/promises'
import { deploymentFor, type KubernetesProbe } from '../../deployment/index.ts'
import type { Owner } from '../../test/support/proxy.ts'
import { type Budget, budgetOf } from './budget.ts'
import type { Cell, KubernetesFront } from './cells.ts'
import { Instance } from './instance.ts'
import { probe } from './kubelet.ts'
import type { Platform } from './platform.ts'
import { Router } from './router.ts'

/** How long after the signal proxies go on sending at most, in ms. */
const slowestProxy = 5_000

/**
 * Kubernetes as far as a shutdown meets it: a new pod is ready before an old one is told to end, the
 * old one gets new connections for a while after that, and is killed when its grace period is over.
 */
export async function inKubernetes(owner: Owner, cell: Cell, { scale }: KubernetesFront): Promise<Platform> {
  const budget = budgetOf(cell)
  const readinessProbe = deploymentFor({}).kubernetes.readinessProbe as KubernetesProbe
  const router = await Router.start(owner)
  const start = () => startPod(owner, cell.subject, budget, router, { readinessProbe, scale })
  const pods = await Promise.all(Array.from({ length: cell.backends }, start))
  let restarts = 0
  return {
    port: router.port,
    troubles: () => router.troubles,
    async replace(index) {
      const old = pods[index] as Pod
      pods[index] = await start()
      const delay = spread(restarts++) * slowestProxy * scale
      const [end] = await Promise.all([old.instance.terminate(budget.grace), old.leave(delay)])
      old.stopProbing()
      return end
    }
  }
}

interface Pod {
  readonly instance: Instance
  /** Out of the Service, when the proxies have heard of it. */
  leave(delay: number): Promise<void>
  stopProbing(): void
}

/** Resolves when the pod is ready, and in the Service. */
async function startPod(
  owner: Owner,
  subject: string,
  { app }: Budget,
  { endpoints }: Router,
  { readinessProbe, scale }: { readinessProbe: KubernetesProbe; scale: number }
): Promise<Pod> {
  const setup = { ...app, host: '127.0.0.1', port: 0, transport: 'http' } as const
  const instance = await Instance.start(owner, subject, setup)
  let isLeaving = false
  let stopProbing = () => {}
  await new Promise<void>((resolve) => {
    stopProbing = probe(instance, readinessProbe, scale, (isReady) => {
      // A pod that is being ended leaves the Service by that, not by its probe.
      if (isLeaving) return
      if (!isReady) endpoints.delete(instance)
      else {
        endpoints.add(instance)
        resolve()
      }
    })
    owner.after(stopProbing)
  })
  return {
    instance,
    stopProbing,
    async leave(delay) {
      isLeaving = true
      await sleep(delay)
      endpoints.delete(instance)
    }
  }
}

/** From 0 to 1, as evenly as so many can be, and the same for each subject. */
function spread(count: number): number {
  const goldenRatio = (1 + Math.sqrt(5)) / 2
  return ((count + 1) * goldenRatio) % 1
}
