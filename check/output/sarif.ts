import type { Severity } from '../../deployment/conflict.ts'
import type { Finding } from '../findings/finding.ts'
import { ruleNames, rules } from '../rules/names.ts'
import type { Result } from './result.ts'

const home = 'https://github.com/fastify-lifecycle/fastify-lifecycle'

/** The result of a check as SARIF 2.1.0, for code scanning. */
export function sarifOf({ findings }: Result): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'fastify-lifecycle check', informationUri: home, rules: ruleNames.map(ruleOf) }
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(resultOf)
      }
    ]
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(name: (typeof ruleNames)[number]) {
  return {
    id: name,
    shortDescription: { text: `${rules[name]}.` },
    helpUri: `${home}/blob/main/docs/check.md#${name}`
  }
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' }

function resultOf({ rule, severity, file, line, column, subject, is, follows, write }: Finding) {
  return {
    ruleId: rule,
    ruleIndex: ruleNames.indexOf(rule as (typeof ruleNames)[number]),
    level: levels[severity],
    message: { text: `${subject === '' ? '' : `${subject}: `}${is}: ${follows}. ${write}.` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column }
        }
      }
    ]
  }
}

/** A path as a URI. A relative path becomes a relative URI. */
function uriOf(file: string): string {
  const path = file === '-' ? 'stdin' : file.replaceAll('\\', '/').replace(/^\.\//, '')
  return path.split('/').map(encodeURIComponent).join('/')
}
