// What `npx fastify-lifecycle check examples/check/deployment.yaml` prints at the root of the repository.
import { run } from '../../command/run.ts'
import { terminalOf } from '../../command/terminal.ts'

process.chdir(new URL('../../..', import.meta.url).pathname)
process.exitCode = await run(['check', 'examples/check/deployment.yaml'], terminalOf(process))
