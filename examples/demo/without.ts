import { ordersApp, where } from './orders.ts'

// As many apps end: the signal calls close(), and the process exits when close() is done.

const app = ordersApp()
process.once('SIGTERM', async () => {
  await app.close()
  process.exit(0)
})
await app.listen(where)
