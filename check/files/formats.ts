import { fileName } from './source.ts'

/** The formats that a file can have. */
export const formats = [
  'kubernetes',
  'compose',
  'dockerfile',
  'systemd',
  'haproxy',
  'nginx',
  'pm2',
  'ecs',
  'fly'
] as const
export type Format = (typeof formats)[number]

interface Signs {
  readonly format: Format
  /** The names that such files have. */
  readonly name: RegExp
  /** The content of such a file, if its name may also belong to another format. */
  readonly content: RegExp
}

const yaml = /\.(ya?ml|json)$/i

const dockerfile = /^(Dockerfile|Containerfile)(\.[\w.-]+)?$|\.(Dockerfile|Containerfile)$/i

/**
 * Matches a Compose file: `services` is a map at the top level, and its services have images. In the files of CI
 * pipelines, `services` is a list, or stands on a deeper level.
 */
const composed =
  /^services\s*:[ \t]*(#.*)?\n([ \t]*(#.*)?\n)*[ \t]+[\w"'.-]+[ \t]*:[\s\S]*\n[ \t]+["']?(image|build)["']?[ \t]*:|^\{\s*("name"[^{}]*)?"services"\s*:/m

const signs: readonly Signs[] = [
  { format: 'kubernetes', name: yaml, content: /(^|[{,])\s*(- )?["']?apiVersion["']?\s*:/m },
  // A patch may have no `apiVersion`, so other keys are signs as well.
  {
    format: 'kubernetes',
    name: yaml,
    content: /["']?containers["']?\s*:[\s\S]*(Probe|terminationGracePeriodSeconds)\b/
  },
  {
    format: 'compose',
    name: /(compose|stack).*\.(ya?ml|json)$/i,
    content: /^["']?services["']?\s*:|^\s*\{[\s\S]*"services"\s*:/m
  },
  { format: 'compose', name: yaml, content: composed },
  { format: 'dockerfile', name: dockerfile, content: /^[ \t]*FROM[ \t]+\S/im },
  { format: 'systemd', name: /\.(service|socket|conf)$/, content: /^\s*\[(Service|Socket)\]\s*$/m },
  { format: 'ecs', name: /\.json$/i, content: /"containerDefinitions"\s*:/ },
  { format: 'fly', name: /^fly(\.[\w-]+)?\.toml$/i, content: /=/ },
  // The test of an ecosystem file is not an ecosystem file.
  {
    format: 'pm2',
    name: /(ecosystem|pm2|process)(?![\w.-]*\.(test|spec)\.)[\w.-]*\.([cm]?js|ts|json|ya?ml)$/i,
    content: /\bapps\b/
  },
  {
    format: 'haproxy',
    name: /\.(cfg|conf)$/i,
    content: /^(backend|listen|defaults)\b[^{;]*$[\s\S]*^\s*server(-template)?\s/m
  },
  {
    format: 'nginx',
    name: /\.conf(\.\w+)?$|nginx/i,
    content: /^\s*(upstream\s+[\w.-]+|server|http)\s*\{[\s\S]*(proxy_pass|upstream)\b/m
  }
]

/** The format of a file, by its name and its content. Without a name, only the content decides. */
export function formatOf(path: string, text: string): Format | undefined {
  const name = fileName(path)
  const isNameless = path === '-'
  return signs.find((each) => (isNameless || each.name.test(name)) && each.content.test(text))?.format
}

/** Whether a file with this name may have one of the formats, so that it is worth reading. */
export function mayBe(path: string): boolean {
  const name = fileName(path)
  return signs.some((each) => each.name.test(name))
}
