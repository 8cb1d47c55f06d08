import type { Site } from '../../deployment/site.ts'
import { type App, isAskedFor, isConflict, siteAnywhere } from '../app/app.ts'
import { type Hearing, hearingOf } from '../commands/hearing.ts'
import type { Folder } from '../files/folder.ts'
import { fileName, type Source } from '../files/source.ts'
import type { Page } from '../findings/page.ts'
import { brokenRule } from '../rules/broken.ts'
import { commandProbeRules } from '../rules/command-probes.ts'
import { initRule } from '../rules/init.ts'
import { reachRule } from '../rules/reach.ts'
import { stopSignalRule } from '../rules/signals.ts'
import { start } from '../tree/tree.ts'
import { surroundingsOf } from './files.ts'
import { foreign, type Image, startWords } from './image.ts'
import { instructionsIn } from './instructions.ts'
import { checkNames } from './names.ts'
import { stageNamed } from './stages.ts'

/** The known facts about the use of a Dockerfile. */
export interface Around {
  readonly app: App
  readonly folder: Folder
  /** Whether there is only this Dockerfile, so that it needs no name. */
  readonly isAlone: boolean
  /** Whether a compose file puts an init process in front of the image's command. */
  readonly hasInit: boolean
  /** The stage that is built, if it is not the last stage. */
  readonly target: string | undefined
}

/**
 * Checks the image that a Dockerfile makes. Only one stage counts: the last stage, unless `around` names
 * another.
 */
export function checkDockerfile(page: Page, source: Source, around: Around): void {
  const instructions = instructionsIn(source.text)
  const image = stageNamed(instructions, around.target)
  if (image === undefined) {
    page.cannotRead(start, '', 'it has no `FROM`', 'Give a Dockerfile, or say what it is with --as')
    return
  }
  checkNames(page, instructions)
  const words = startWords(image)
  const hearing = hearingOf(words, surroundingsOf(image, around.folder))
  const place = (image.command ?? image.entrypoint)?.at ?? instructions[0]?.at ?? start
  const why = whyNot(image, hearing, source, around)
  if (why !== undefined) {
    page.leaveOut(place, `Image of ${fileName(source.name)}`, why)
    return
  }
  const site = siteAnywhere(around.app)
  if (isConflict(site)) {
    page.say(place, '', [site])
    return
  }
  checkStart(page, site, image, hearing, around)
  checkSignal(page, site, image)
  checkHealth(page, site, image, around)
}

function whyNot(
  image: Image,
  hearing: Hearing,
  { name, isNamed }: Source,
  { app, isAlone }: Around
): string | undefined {
  if (app.names.length > 0 && !isNamed && !isAlone) {
    const parts = name.split(/[\\/]/)
    const isMeant = isAskedFor(app, image.name, ...parts.slice(-2), ...fileName(name).split('.'))
    return isMeant ? undefined : 'another was named with --app'
  }
  return foreign(image, hearing)
}

function checkStart(page: Page, site: Site, image: Image, hearing: Hearing, around: Around): void {
  const { entrypoint, command } = image
  const words = startWords(image)
  const isShell = entrypoint !== undefined && entrypoint.form !== 'exec'
  const last = isShell ? entrypoint : (command ?? entrypoint)
  // An image with only an entrypoint may get its command from elsewhere.
  const isBase = hearing.reach === 'app' && hearing.words.join(' ') === 'node'
  if (last === undefined || isBase || (hearing.reach === 'unknown' && hearing.program === 'nothing')) return
  const { at } = last
  const isCommand = last === command
  const written = (list: readonly string[]) =>
    `\`${isCommand ? 'CMD' : 'ENTRYPOINT'} ${JSON.stringify(list)}\``
  const broken = brokenRule(last, written)
  page.say(at, '', broken)
  if (broken.length > 0) return
  page.say(at, '', reachRule(hearing, written))
  const write = 'Run it with `docker run --init` or `init: true` in Compose, or start `tini` in front of it'
  if (!around.hasInit) page.say(at, '', initRule(site, hearing, words, write))
}

function checkSignal(page: Page, site: Site, { stopSignal }: Image): void {
  if (stopSignal === undefined) return
  const { at, value } = stopSignal
  if (value.includes('$')) {
    page.cannotRead(at, '', 'a variable decides the stop signal', 'Write the name of the signal', 'note')
    return
  }
  const write = (signal: string) => `\`STOPSIGNAL ${signal}\``
  page.say(at, '', stopSignalRule(site, value, { platform: 'Docker', write }))
}

function checkHealth(page: Page, site: Site, image: Image, { app, folder }: Around): void {
  const { healthCheck, variables, ports } = image
  if (healthCheck === undefined) return
  const own = app.port ?? Number(variables.get('PORT'))
  const known = app.port === undefined ? [...(own > 0 ? [own] : []), ...ports] : [app.port]
  const around = surroundingsOf(image, folder)
  const probe = { purpose: 'either', name: '`HEALTHCHECK`', words: healthCheck.words } as const
  page.say(healthCheck.at, '', commandProbeRules(site, probe, known, around.fileNamed))
}
