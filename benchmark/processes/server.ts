import type { AddressInfo } from 'node:net'
import { answerWith, cpu } from '../child.ts'
import { helloWorld } from '../hello-world.ts'
import type { Variant } from '../variants.ts'

// One variant, listening.

const app = await helloWorld(process.argv[2] as Variant)
await app.listen({ port: 0, host: '127.0.0.1' })

answerWith({ cpu, port: () => (app.server.address() as AddressInfo).port })
