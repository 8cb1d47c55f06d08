import { fileName } from './source.ts'

/** What a file can be. */
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
  /** What stands in such a file, where its name may be that of another. */
  readonly content: RegExp
}

const yaml = /\.(ya?ml|json)$/i

const dockerfile = /^(Dockerfile|Containerfile)(\.[\w.-]+)?$|\.(Dockerfile|Containerfile)$/i

/** A map of services with images, at the top; pipelines have lists of them, or have them deeper. */
const composed =
  /^services\s*:[ \t]*(#.*)?\n([ \t]*(#.*)?\n)*[ \t]+[\w"'.-]+[ \t]*:[\s\S]*\n[ \t]+["']?(image|build)["']?[ \t]*:|^\{\s*("name"[^{}]*)?"services"\s*:/m

const signs: readonly Signs[] = [
  { format: 'kubernetes', name: yaml, content: /(^|[{,])\s*(- )?["']?apiVersion["']?\s*:/m },
  // A patch may say neither.
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
  // A test of such a file is none of them.
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

/** What a file is: by its name and by what stands in it. Without a name the content alone tells. */
export function formatOf(path: string, text: string): Format | undefined {
  const name = fileName(path)
  const isNameless = path === '-'
  return signs.find((each) => (isNameless || each.name.test(name)) && each.content.test(text))?.format
}

/** Whether a file of this name may be one of them, so that it is worth reading. */
export function mayBe(path: string): boolean {
  const name = fileName(path)
  return signs.some((each) => each.name.test(name))
}
