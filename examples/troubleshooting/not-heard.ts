import { spawn } from 'node:child_process'
import { once } from 'node:events'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

// The app, which is started by a shell as `npm start` or a shell script would start it.
async function serve() {
  const app = Fastify()
  await app.register(lifecycle)
  const address = await app.listen({ port: 0 })
  console.log(`${process.pid} ${address}`)
}

async function start() {
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${process.argv[1]}" serve; true`])
  const [line] = await once(shell.stdout, 'data')
  const [pid, address] = String(line).trim().split(' ')
  shell.kill('SIGTERM')
  const [, signal] = await once(shell, 'exit')
  console.log(`the shell was ended by ${signal}`)
  const { status } = await fetch(`${address}/readyz`)
  console.log(`the app has heard nothing: /readyz answers with status ${status}`)
  process.kill(Number(pid), 'SIGTERM')
}

await (process.argv[2] === 'serve' ? serve() : start())
