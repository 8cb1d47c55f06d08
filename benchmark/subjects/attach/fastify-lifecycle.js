import lifecycle from 'fastify-lifecycle'

export async function attach(app, { deadline, lameDuck, handOver, cleanup, stall }) {
  await app.register(lifecycle, {
    deadline,
    lameDuck,
    handOver,
    hardKill: stall === undefined ? true : { stall }
  })
  app.onShutdown('cleanup', cleanup)
  return {}
}
