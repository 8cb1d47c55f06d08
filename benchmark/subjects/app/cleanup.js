import { setup } from './setup.js'
import { tell } from './tell.js'

/** The shutdown hook of each app. */
export async function cleanup() {
  tell({ cleanup: true })
  if (setup.cleanup === 'hang') await new Promise(() => {})
  if (setup.cleanup === 'block') for (;;);
}
