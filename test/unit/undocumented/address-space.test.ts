import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freeAddresses } from '../../../lib/undocumented/address-space.ts'
import { cleanup } from '../../support/cleanup.ts'

async function leftOf(t: TestContext, limit: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'limits-'))
  cleanup(t, () => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'limits'), `Limit  Soft  Hard  Units\nMax address space  ${limit}  bytes\n`)
  await writeFile(join(directory, 'status'), 'VmPeak:\t  9 kB\nVmSize:\t  2 kB\n')
  return freeAddresses(directory)
}

test('the addresses that are free are what the limit leaves', async (t) => {
  assert.equal(await leftOf(t, '5000  6000'), 5_000 - 2_048)
})

test('there is no end to them without a limit, or where the system does not tell', async (t) => {
  assert.equal(await leftOf(t, 'unlimited  unlimited'), Number.POSITIVE_INFINITY)
  assert.equal(freeAddresses('/nowhere'), Number.POSITIVE_INFINITY)
})
