import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesProbe } from '../../deployment/index.ts'
import type { Instance } from './instance.ts'

/** Asks an instance whether it is ready, again and again, and says so when the answer is believed. */
export function probe(
  { readiness, host }: Instance,
  { periodSeconds, timeoutSeconds, failureThreshold }: KubernetesProbe,
  scale: number,
  onChange: (isReady: boolean) => void
): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  const loop = async () => {
    let failures = failureThreshold
    while (!signal.aborted) {
      const isReady = await answersOk({ ...readiness, host, timeout: timeoutSeconds * 1_000 * scale })
      failures = isReady ? 0 : failures + 1
      if (isReady) onChange(true)
      else if (failures >= failureThreshold) onChange(false)
      await sleep(periodSeconds * 1_000 * scale, undefined, { signal }).catch(() => {})
    }
  }
  void loop()
  return () => stopped.abort()
}

function answersOk(where: http.RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    http
      .get({ ...where, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      .once('error', () => resolve(false))
      .once('timeout', function (this: http.ClientRequest) {
        this.destroy()
        resolve(false)
      })
  })
}
