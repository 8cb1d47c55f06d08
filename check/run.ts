import { normalize } from 'node:path'
import type { App } from './app/app.ts'
import { isForProduction } from './compose/apps.ts'
import { type BuiltApp, checkCompose } from './compose/check.ts'
import { checkDockerfile } from './dockerfile/check.ts'
import { checkECS } from './ecs/check.ts'
import { withoutCharts } from './files/charts.ts'
import type { Collected } from './files/collect.ts'
import { folderOf, type ReadText } from './files/folder.ts'
import { type Format, formatOf } from './files/formats.ts'
import type { Source } from './files/source.ts'
import { treesIn } from './files/yaml-files.ts'
import type { Finding } from './findings/finding.ts'
import { Page } from './findings/page.ts'
import { checkFly } from './fly/check.ts'
import { checkHAProxy } from './haproxy/check.ts'
import { checkKubernetes, placedIn } from './kubernetes/check.ts'
import { checkNginx } from './nginx/check.ts'
import type { Result } from './output/result.ts'
import { appsIn, checkPM2 } from './pm2/check.ts'
import { checkSystemd } from './systemd/check.ts'
import { start } from './tree/tree.ts'

/** The settings for a check of the collected files. */
export interface Look {
  readonly app: App
  /** The format of all files, if the user gives one. */
  readonly format: Format | undefined
  /** The rules that the user does not want. */
  readonly ignored: readonly string[]
  /** Reads further files that the collected files name. */
  readonly read: ReadText
}

/** A file to check, with the page that collects its findings. */
interface Job {
  readonly page: Page
  readonly source: Source
}

type Checker = (jobs: readonly Job[], look: Look, built: readonly BuiltApp[]) => void

/** The checkers that do not depend on each other. The compose files are checked before them. */
const checkers: Readonly<Record<Exclude<Format, 'compose'>, Checker>> = {
  kubernetes(jobs, { app }) {
    checkKubernetes(
      app,
      jobs.flatMap(({ page, source }) => placedIn(page, treesIn(page, source)))
    )
  },
  systemd(jobs, { app }) {
    checkSystemd(
      app,
      jobs.map(({ page, source: { text } }) => ({ page, text }))
    )
  },
  haproxy(jobs, { app }) {
    for (const { page, source } of jobs) checkHAProxy(page, app, source.text)
  },
  nginx(jobs, { app }) {
    for (const { page, source } of jobs) checkNginx(page, app, source.text)
  },
  pm2(jobs, { app }) {
    for (const { page, source } of jobs) {
      const isProgram = /\.[cm]?[jt]s$/.test(source.name)
      checkPM2(page, app, isProgram ? appsIn(page, source.text) : treesIn(page, source))
    }
  },
  ecs(jobs, { app }) {
    for (const { page, source } of jobs) checkECS(page, app, treesIn(page, source))
  },
  fly(jobs, { app }) {
    for (const { page, source } of jobs) checkFly(page, app, source.text)
  },
  dockerfile(jobs, { app, read }, built) {
    for (const { page, source } of jobs) {
      const by = built.filter(({ path }) => path === normalize(source.name))
      const hasInit = by.length > 0 && by.every((each) => each.hasInit)
      // The last stage counts, and each stage that a compose file builds for production.
      const targets = new Set([undefined, ...by.map((each) => each.target).filter(isForProduction)])
      const isAlone = jobs.length === 1 || by.length > 0
      const around = { app, folder: folderOf(source.name, read), isAlone, hasInit }
      for (const target of targets) checkDockerfile(page, source, { ...around, target })
    }
  }
}

/** Checks all collected files. */
export function checkAll({ sources, unread }: Collected, look: Look): Result {
  const sorted = new Sorted()
  let others = 0
  const { charts, rest } = withoutCharts(sources, look.read)
  for (const source of rest) {
    const found = look.format ?? formatOf(source.name, source.text)
    if (found !== undefined) sorted.add(source, found)
    else if (source.isNamed) sorted.unread(source.name, 'nothing in it says what it is', 'Say it with --as')
    else others++
  }
  for (const { file, reason, remedy } of charts) sorted.unread(file, reason, remedy)
  for (const { name, reason } of unread) sorted.unread(name, reason, 'Give a smaller file that can be read')
  const built = sorted
    .of('compose')
    .flatMap(({ page, source }) => checkCompose(page, look.app, treesIn(page, source), look.read))
  for (const { path } of built) {
    const text = sorted.has(path) ? undefined : look.read(path)
    if (text !== undefined) sorted.add({ name: path, text, isNamed: false }, 'dockerfile')
  }
  for (const [format, check] of Object.entries(checkers)) check(sorted.of(format as Format), look, built)
  const { pages, checked } = sorted
  for (const page of pages) page.sayNothing()
  return {
    findings: pages
      .flatMap(({ findings }) => inOrder(findings))
      .filter(({ rule }) => !look.ignored.includes(rule)),
    leftOut: pages.flatMap(({ leftOut }) => once(leftOut)),
    checked,
    others
  }
}

/** The files by their format. */
class Sorted {
  readonly pages: Page[] = []
  readonly checked: { file: string; format: Format }[] = []
  readonly #jobs: (Job & { readonly format: Format })[] = []

  add(source: Source, format: Format): void {
    this.checked.push({ file: source.name, format })
    this.#jobs.push({ page: this.#pageOf(source.name), source, format })
  }

  unread(name: string, reason: string, remedy: string): void {
    this.#pageOf(name).cannotRead(start, '', reason, remedy)
  }

  of(wanted: Format): readonly Job[] {
    return this.#jobs.filter(({ format }) => format === wanted)
  }

  has(path: string): boolean {
    return this.#jobs.some(({ source }) => normalize(source.name) === path)
  }

  #pageOf(name: string): Page {
    const page = new Page(name)
    this.pages.push(page)
    return page
  }
}

/** Sorts the findings by line and column. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...once(findings)].sort((one, other) => one.line - other.line || one.column - other.column)
}

/**
 * Keeps one finding for each place and cause. If several containers or services have the same finding, it names the
 * first of them.
 */
function once<T extends { readonly line: number; readonly subject: string }>(
  said: readonly T[]
): readonly T[] {
  const seen = new Map<string, T>()
  for (const each of said) {
    const cause = JSON.stringify({ ...each, subject: 'column' in each ? '' : each.subject })
    if (!seen.has(cause)) seen.set(cause, each)
  }
  return [...seen.values()]
}
