import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiled } from '../built.mjs'
import { cache, install, nodeOf } from './installed.mjs'

// Programs of Windows: where this is Windows they just run, and elsewhere under Wine.

/** What the Wine of Debian 12 can start. It lacks what Node.js 24 and later ask of it before any JavaScript runs. */
export const windowsNodes = ['20', '22']

const isWindows = process.platform === 'win32'

/** What Windows is here: its own version, or that of Wine. `undefined` if there is neither. */
export function windowsHere() {
  if (isWindows) return 'Windows'
  try {
    const version = execFileSync('wine', ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    })
    return `Wine ${/wine-(\S+)/.exec(version)?.[1]}`
  } catch {
    return undefined
  }
}

/** The drive of Wine is kept between runs, because it takes long to make. */
const prefix = join(cache, 'wine')

const wineEnvironment = {
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  // Neither a menu of the desktop, nor what downloads .NET and a browser.
  WINEDLLOVERRIDES: 'winemenubuilder.exe,mscoree,mshtml=d',
  NODE_SKIP_PLATFORM_CHECK: '1'
}

/** The variables with which programs of Windows run here, and find what Node.js alone cannot do. */
export async function windowsEnvironment() {
  const koffi = await install('koffi', '3.3.4', 'win32-x64')
  const all = { ...process.env, KOFFI: pathOf(join(koffi, 'koffi')), NODE_V8_COVERAGE: undefined }
  return isWindows ? all : { ...all, ...wineEnvironment, OWN_PM2: '1' }
}

/** A path of this system as Wine sees it. */
export function pathOf(path) {
  return isWindows ? path : `Z:${path.replaceAll('/', '\\')}`
}

/** The command that runs this Node.js for Windows. */
export async function windowsNode(version) {
  if (isWindows) return [process.execPath]
  return ['wine', join(await nodeOf(version, 'win32-x64'), 'node.exe')]
}

/** Makes the drive, where that has not happened. */
export function prepareWine(env) {
  if (isWindows || existsSync(join(prefix, 'system.reg'))) return
  mkdirSync(prefix, { recursive: true })
  execFileSync('wineboot', ['--init'], { env, stdio: 'ignore' })
}

/** Ends what still runs in that drive: Wine's own server does not end with its programs. */
export function endWine(env) {
  if (!isWindows) execFileSync('wineserver', ['--kill'], { env, stdio: 'ignore' })
}

/** Runs the scenarios of `test/windows/`, and returns the exit code. Without Wine it says so, and in CI it fails. */
export function runWindows() {
  if (windowsHere() === undefined) {
    console.log('NOT CHECKED: Windows. It takes Wine; on Debian: apt-get install wine')
    return process.env.CI && process.platform === 'linux' ? 1 : 0
  }
  const table = fileURLToPath(compiled('test/windows/table.js'))
  return spawnSync(process.execPath, [table, '--check'], { stdio: 'inherit' }).status ?? 1
}
