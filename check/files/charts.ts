import { dirname, join, normalize } from 'node:path'
import type { ReadText } from './folder.ts'
import { fileName, type Source } from './source.ts'

/** A chart of Helm that is not rendered. */
export interface Chart {
  readonly file: string
  readonly reason: string
  /** How to render it. */
  readonly remedy: string
}

/** The charts among the files, and the files that can be read without rendering one. */
export interface Split {
  readonly charts: readonly Chart[]
  readonly rest: readonly Source[]
}

/**
 * Separates the files that only Helm can read, so that there is one message for each chart. A manifest without
 * template actions stays.
 */
export function withoutCharts(sources: readonly Source[], read: ReadText): Split {
  const texts = new Map(sources.map(({ name, text }) => [normalize(name), text]))
  const isChart = (folder: string) => chartFileOf(folder, texts, read) !== undefined
  const templates = new Map<string, number>()
  const rest = sources.filter((source) => {
    const folder = chartOf(source, isChart)
    if (folder === undefined || !isOnlyForHelm(source, isChart)) return true
    templates.set(folder, (templates.get(folder) ?? 0) + Number(isTemplate(source)))
    return false
  })
  const charts = [...templates].map(([folder, count]) => ({
    file: chartFileOf(folder, texts, read) as string,
    reason: `it is a chart of Helm that is not rendered${count === 0 ? '' : `, with ${count} template${count === 1 ? '' : 's'}`}`,
    remedy: `Render it first: \`helm template ${folder} | npx fastify-lifecycle check -\``
  }))
  return { charts, rest }
}

/** The file that makes a folder a chart. Helm accepts only this name. */
function chartFileOf(folder: string, texts: ReadonlyMap<string, string>, read: ReadText): string | undefined {
  const file = join(folder, 'Chart.yaml')
  return texts.has(file) || read(file) !== undefined ? file : undefined
}

/**
 * The folder of the chart that the file is in. A chart in the folder `charts` of another chart is a part of
 * that other chart.
 */
function chartOf({ name }: Source, isChart: (folder: string) => boolean): string | undefined {
  if (name === '-') return undefined
  let found: string | undefined
  for (let folder = dirname(normalize(name)); ; folder = dirname(folder)) {
    if (isChart(folder) && (found === undefined || isPartOf(found, folder))) found = folder
    if (folder === dirname(folder)) return found
  }
}

function isPartOf(inner: string, outer: string): boolean {
  return dirname(inner) === join(outer, 'charts')
}

function isOnlyForHelm(source: Source, isChart: (folder: string) => boolean): boolean {
  const name = fileName(source.name)
  const isOfChart = /^(Chart|values[\w.-]*)\.ya?ml$/.test(name) && isChart(dirname(normalize(source.name)))
  return isOfChart || isTemplate(source)
}

function isTemplate({ name, text }: Source): boolean {
  return normalize(name).replaceAll('\\', '/').split('/').includes('templates') && text.includes('{{')
}
