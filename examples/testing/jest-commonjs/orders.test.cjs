const Fastify = require('fastify')
const lifecycle = require('fastify-lifecycle')
const { fakeProcess } = require('fastify-lifecycle/testing')

test('the database is closed, and the process would exit with 0', async () => {
  const end = jest.fn()
  const app = Fastify()
  await app.register(lifecycle)
  app.onShutdown('db', end)
  const { exitCode } = await fakeProcess(app).kill('SIGTERM')
  expect(exitCode).toBe(0)
  expect(end).toHaveBeenCalledTimes(1)
})
