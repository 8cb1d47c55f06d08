import { isOtherProgram } from '../app/others.ts'
import type { Shell } from './shells.ts'
import { type Script, scriptOf } from './words.ts'

/** Which process receives the signal that is sent to the process of a command. */
export type Hearing =
  /** The app itself receives the signal; `words` are the app's command. */
  | { readonly reach: 'app'; readonly words: readonly string[] }
  /**
   * A process that does not pass the signal on to the app. `certain` is false if that depends on the kind of
   * `sh`.
   */
  | {
      readonly reach: 'nobody'
      readonly front: Front
      readonly words: readonly string[]
      readonly certain: boolean
    }
  /** The app receives the signal only if the shell replaces itself by its last command. */
  | { readonly reach: 'by luck'; readonly front: Front; readonly words: readonly string[] }
  /** PM2, which ends the app in its own way. */
  | { readonly reach: 'pm2'; readonly words: readonly string[] }
  /** The command does not show which process receives the signal. */
  | { readonly reach: 'unknown'; readonly program: string }
  /** The command starts no program of Node.js. */
  | { readonly reach: 'other'; readonly program: string }

/** The process that stands in front of the app. */
export interface Front {
  readonly kind: 'shell' | 'package manager' | 'development tool' | 'runner' | 'pipe'
  readonly name: string
}

/** The known facts about the place where a command runs. */
export interface Surroundings {
  /** The kind of `sh`. */
  readonly shell: Shell
  /** The text of a script of the package manager, if its package.json can be read. */
  scriptNamed?(name: string): string | undefined
  /** The text of a script file that a command names, if the file can be read. */
  fileNamed?(path: string): string | undefined
  /** The arguments that `"$@"` stands for in a script. */
  readonly given?: readonly string[]
}

/** Programs that replace themselves by the program that they start. Each has its options that take a value. */
const becoming: Readonly<Record<string, RegExp | null>> = {
  exec: /^-a$/,
  env: /^-[uCS]$/,
  nice: /^-n$/,
  ionice: /^-[cnp]$/,
  nohup: null,
  stdbuf: /^-[ioe]$/,
  setpriv: null,
  chpst: /^-[ueUbdnlmcorst/]$/,
  setsid: null,
  time: null,
  numactl: null,
  'docker-entrypoint.sh': null,
  'nodejs-entrypoint.sh': null
}

/** Programs that take the name of a user first, and then replace themselves or pass all signals on. */
const switching = /^(gosu|su-exec|setuidgid)$/

/** Init processes, which pass signals on to the process that they started. */
const inits = /^(tini|tini-static|dumb-init|catatonit|docker-init|init)$/
const valueOfInit = /^(-[ep]|-r|--rewrite|--)$/

const apps =
  /^(node|nodejs|bun|deno|fastify|next|nuxt|remix-serve|react-router-serve|nest-server|strapi|ts-node|esno|vite-node)$/
const managers = /^(npm|pnpm|npx|pnpx|yarn|yarnpkg|bunx|corepack)$/
const tools =
  /^(nodemon|ts-node-dev|tsnd|nest|concurrently|npm-run-all|run-s|run-p|turbo|nx|lerna|forever|supervisor|tsc-watch|ng|vite|react-scripts|vue-cli-service|webpack-dev-server)$/
const shells = /^(sh|bash|dash|ash|zsh|ksh)$/

/** Commands that may follow the app in a script. None of them starts an app. */
const trivial = /^(echo|printf|true|false|:|exit|wait)$/

/** The deepest nesting of commands that is read. No real app is deeper. */
const deepest = 12

export function hearingOf(words: readonly string[], around: Surroundings, depth = 0): Hearing {
  const [first, ...rest] = words
  if (first === undefined || depth > deepest) return { reach: 'unknown', program: 'nothing' }
  const program = baseName(first)
  const deeper = (next: readonly string[]) => hearingOf(next, around, depth + 1)

  if (/^\w+=/.test(first)) return deeper(rest)
  if (Object.hasOwn(becoming, program)) return deeper(behind(rest, becoming[program] ?? undefined))
  if (switching.test(program)) return deeper(behind(rest).slice(1))
  if (inits.test(program)) return deeper(behind(rest, valueOfInit))
  if (
    /^(cross-env|cross-env-shell|dotenv|dotenvx|doppler|infisical|op|chamber|aws-vault|with-contenv)$/.test(
      program
    )
  ) {
    return { reach: 'unknown', program }
  }
  if (program.startsWith('pm2')) return { reach: 'pm2', words }
  if (managers.test(program)) return managerHearing(program, words, around, depth)
  if (tools.test(program) || watches(program, rest)) {
    return { reach: 'nobody', front: { kind: 'development tool', name: program }, words: [], certain: true }
  }
  if (program === 'tsx') {
    return {
      reach: 'by luck',
      front: { kind: 'runner', name: program },
      words: ['node', '--import', 'tsx', ...rest]
    }
  }
  if (apps.test(program)) return { reach: 'app', words }
  if (shells.test(program)) return shellHearing(program, rest, around, depth)
  if (isOtherProgram(program)) return { reach: 'other', program }
  if (first.startsWith('$') || first.includes('${')) return { reach: 'unknown', program: 'a variable' }
  const text = around.fileNamed?.(first)
  return text === undefined ? { reach: 'unknown', program } : fileHearing(program, text, rest, around, depth)
}

/** Whether an init process stands in a command. */
export function hasInit(words: readonly string[]): boolean {
  return words.some((word) => inits.test(baseName(word)))
}

/** The last part of a path, which is the program's name. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The words that are left without the options and variables at their beginning. */
function behind(words: readonly string[], takesAValue?: RegExp): readonly string[] {
  let index = 0
  for (; index < words.length; index++) {
    const word = words[index] as string
    if (word === '--') return words.slice(index + 1)
    if (takesAValue?.test(word)) index++
    else if (!word.startsWith('-') && !/^\w+=/.test(word)) break
  }
  return words.slice(index)
}

function watches(program: string, rest: readonly string[]): boolean {
  if (program === 'tsx') return rest[0] === 'watch'
  return program === 'node' && rest.some((word) => /^--watch(-path)?(=|$)/.test(word))
}

/**
 * Which process receives the signal under a package manager. npm and similar programs pass the signal to the shell that
 * they start. yarn does not pass it on.
 */
function managerHearing(
  program: string,
  words: readonly string[],
  around: Surroundings,
  depth: number
): Hearing {
  const name = words.slice(0, 3).map(baseName).join(' ')
  const front: Front = { kind: 'package manager', name: name.length > 40 ? program : name }
  const text = around.scriptNamed?.(scriptName(words))
  const inner = text === undefined ? undefined : scriptHearing('sh', scriptOf(text), around, depth + 1)
  const started = inner !== undefined && 'words' in inner ? inner.words : []
  if (inner?.reach === 'pm2' || inner?.reach === 'other') return inner
  if (program.startsWith('yarn') || program === 'corepack')
    return { reach: 'nobody', front, words: started, certain: true }
  if (inner?.reach === 'nobody') return { ...inner, front }
  if (around.shell === 'replaces') return { reach: 'by luck', front, words: started }
  return { reach: 'nobody', front, words: started, certain: around.shell === 'keeps' }
}

/** The script's name in `npm start`, `npm run start:prod` or `pnpm --filter api start`. */
function scriptName(words: readonly string[]): string {
  const plain = words.slice(1).filter((word) => !word.startsWith('-'))
  return plain[0] === 'run' || plain[0] === 'run-script' ? (plain[1] ?? '') : (plain[0] ?? '')
}

function shellHearing(
  program: string,
  rest: readonly string[],
  around: Surroundings,
  depth: number
): Hearing {
  const flag = rest.findIndex((word) => /^-[a-z]*c[a-z]*$/i.test(word))
  if (flag !== -1) {
    const [text = '', , ...given] = rest.slice(flag + 1)
    return scriptHearing(
      program,
      scriptOf(text),
      given.length === 0 ? around : { ...around, given },
      depth + 1
    )
  }
  const [file, ...given] = behind(rest)
  const text = file === undefined ? undefined : around.fileNamed?.(file)
  if (text === undefined) return { reach: 'unknown', program: file === undefined ? program : baseName(file) }
  return fileHearing(baseName(file as string), text, given, around, depth)
}

/** Which process receives the signal in a script file. It may have many commands, so only the last one counts. */
function fileHearing(
  name: string,
  text: string,
  given: readonly string[],
  around: Surroundings,
  depth: number
): Hearing {
  const inside = { ...around, given: given.length === 0 ? (around.given ?? []) : given }
  const isPlain = /^(#!.*\b(sh|bash|dash|ash|zsh|ksh)\b|(?!#!))/.test(text)
  if (!isPlain || /^\s*trap\s/m.test(text)) return { reach: 'unknown', program: name }
  const script = scriptOf(text)
  const last = script.commands.at(-1)
  if (last === undefined) return { reach: 'unknown', program: name }
  if (last.words[0] === 'exec') return hearingOf(handed(last.words.slice(1), inside), inside, depth + 1)
  if (script.commands.some(({ words }) => words.includes('exec'))) return { reach: 'unknown', program: name }
  // A shell that reads a file does not know which command is the last one, so it never replaces itself.
  const inner = hearingOf(handed(last.words, inside), inside, depth + 1)
  return stays({ kind: 'shell', name }, inner)
}

/** Replaces `"$@"` by the arguments of the script. */
function handed(words: readonly string[], { given = [] }: Surroundings): readonly string[] {
  return words.flatMap((word) => (/^\$(@|\*|\{@\})$/.test(word) ? given : [word]))
}

function scriptHearing(shell: string, script: Script, around: Surroundings, depth: number): Hearing {
  const { commands, isCompound, endsInBackground } = script
  const last = commands.at(-1)
  if (last === undefined) return { reach: 'unknown', program: shell }
  if (commands.some(({ words }) => words[0] === 'trap')) return { reach: 'unknown', program: shell }
  const front: Front = { kind: 'shell', name: shell }
  const ended = commands.find(({ words, after }) => words[0] === 'exec' && words.length > 1 && after !== '|')
  if (ended !== undefined && !isCompound) return hearingOf(handed(ended.words, around), around, depth + 1)
  if (isCompound) return { reach: 'unknown', program: shell }

  const piped = commands.findIndex(({ after }) => after === '|')
  const behindApp =
    piped === -1 ? commands.findLastIndex(({ words }) => !trivial.test(words[0] ?? '')) + 1 : piped
  const app = commands[behindApp - 1] ?? last
  const inner = hearingOf(handed(app.words, around), around, depth + 1)
  if (piped !== -1) return stays({ kind: 'pipe', name: 'a pipe' }, inner)
  if (app !== last) return stays(front, inner)
  if (endsInBackground) return { reach: 'unknown', program: shell }
  const kind = kindOf(shell, around)
  const canBecome = last.after !== '||' && !(last.isRedirected && shell === 'bash')
  if (kind === 'keeps' || !canBecome) return stays(front, inner)
  if (inner.reach !== 'app') return inner
  if (kind === 'unknown') return { reach: 'nobody', front, words: inner.words, certain: false }
  return shell === 'bash' ? inner : { reach: 'by luck', front, words: inner.words }
}

function kindOf(shell: string, around: Surroundings): Shell {
  if (shell === 'bash' || shell === 'ash' || shell === 'zsh') return 'replaces'
  return shell === 'dash' ? 'keeps' : around.shell
}

/** The result if a process stays in front: the inner process does not receive the signal. */
function stays(front: Front, inner: Hearing): Hearing {
  if (inner.reach === 'app' || inner.reach === 'by luck') {
    return { reach: 'nobody', front, words: inner.words, certain: true }
  }
  return inner
}
