import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until it holds, however long that takes: a test that never gets there ends with its file. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5)
}
