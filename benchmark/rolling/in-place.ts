import type { Owner } from '../../test/support/proxy.ts'
import { type End, Instance, type InstanceSetup } from './instance.ts'

/** Loopback addresses, so that instances have one port, as on machines of their own. */
export function hostsFor(backends: number): string[] {
  return Array.from({ length: backends }, (_each, index) => `127.0.0.${index + 2}`)
}

/** Instances that have a place each, where there is nobody between the old one and the new one. */
export async function startInPlace(
  owner: Owner,
  subject: string,
  hosts: readonly string[],
  setup: Omit<InstanceSetup, 'host'>
): Promise<{ restart(index: number, grace: number): Promise<End> }> {
  const start = (host: string) => Instance.start(owner, subject, { ...setup, host })
  const instances = await Promise.all(hosts.map(start))
  return {
    async restart(index, grace) {
      const old = instances[index] as Instance
      const end = await old.terminate(grace)
      instances[index] = await start(old.host)
      return end
    }
  }
}
