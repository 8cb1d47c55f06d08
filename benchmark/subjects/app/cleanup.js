import { setup } from './setup.js'
import { tell } from './tell.js'

/** The shutdown hook of each app. What it logs are the last lines of the app's own. */
export async function cleanup(app) {
  tell({ cleanup: true })
  for (let line = 0; line < 500; line++) app.log.info({ code: 'CLEANUP', line }, 'cleaning up')
  if (setup.cleanup === 'fail') throw new Error('the shutdown hook failed')
  if (setup.cleanup === 'hang') await neverAnswered()
  if (setup.cleanup === 'block') for (;;);
}

/** As an open socket would, it keeps the event loop alive. */
function neverAnswered() {
  return new Promise(() => setInterval(() => {}, 1_000))
}
