import { formatReport } from 'fastify-lifecycle/report'
import { drill } from './drill.ts'
import { isProved, table } from './table.ts'

// Drills one app twice, under the same load: first with plain app.close(), and then with the plugin.
// Exits with 0 only if the plugin has lost no request.

const plain = await drill('app.close()', 'without.js')
const plugin = await drill('fastify-lifecycle', 'with.js')
if (plugin.report !== undefined) console.log(`\n${formatReport(plugin.report, { width: 79 })}`)
console.log(`\n${table(plain, plugin)}`)
process.exitCode = isProved(plugin) ? 0 : 1
