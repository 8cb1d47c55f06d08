import { setup } from './setup.js'
import { tell } from './tell.js'

/** The shutdown hook of each app. Its line in the log is the last that the app writes. */
export async function cleanup(app) {
  tell({ cleanup: true })
  app.log.info({ code: 'LAST' }, 'cleaned up')
  if (setup.cleanup === 'hang') await new Promise(() => {})
  if (setup.cleanup === 'block') for (;;);
}
