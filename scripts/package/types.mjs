import { writeFileSync } from 'node:fs'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/**
 * Bundles the declarations of each entry as those of its CommonJS file. Those of the ES module only hand them
 * on, so a program with both in it has each type, and what is added to Fastify's types, once.
 */
export async function writeTypes(entries, declarations) {
  const [plugin] = entries
  const bundle = await rollup({
    input: Object.fromEntries(
      entries.map(({ file, source }) => [file, `${declarations}/${source.replace(/\.ts$/, '.d.ts')}`])
    ),
    external: /^[^./]/,
    plugins: [dts()]
  })
  const { output } = await bundle.generate({
    entryFileNames: '[name].d.cts',
    hoistTransitiveImports: false,
    // The types that entries share are all exported by the plugin's own.
    manualChunks: (id) => (/[\\/]types[\\/](index\.d\.ts|lib[\\/])/.test(id) ? plugin.file : undefined)
  })
  if (output.length !== entries.length) throw new Error('An entry uses a type that index.ts does not export')
  for (const { name, code } of output) {
    const { values } = entries.find(({ file }) => file === name)
    const { body, exported } = parsed(code, values)
    const isPlugin = name === plugin.file
    writeFileSync(`dist/${name}.d.cts`, isPlugin ? callable(body, exported) : `${body}${list('', exported)}`)
    writeFileSync(`dist/${name}.d.ts`, list(` from './${name}.cjs'`, handedOn(exported)))
  }
}

/** What is declared, and what is exported of it. Classes are types, too, so what is there at run time decides. */
function parsed(code, values) {
  const statement = /^export (?:type )?\{([^}]*)\};\n/gm
  const exported = [...code.matchAll(statement)].flatMap(([, names]) =>
    names.split(', ').map((each) => {
      const [local, name = local] = each.trim().split(' as ')
      return { local, name, isValue: values.includes(name) }
    })
  )
  return { body: code.replaceAll(statement, ''), exported }
}

/** A default import of CommonJS is not the same for all compilers, so the default is taken by its other name. */
function handedOn(exported) {
  return exported.map(({ local, name, isValue }) => ({
    local: name === 'default' ? local : name,
    name,
    isValue
  }))
}

function list(from, exported) {
  const names = exported.map(
    ({ local, name, isValue }) => `${isValue ? '' : 'type '}${local === name ? name : `${local} as ${name}`}`
  )
  return `export {\n  ${names.join(',\n  ')}\n}${from}\n`
}

/** What `require` returns: the plugin itself, with all exports on it. Only a function can be declared like that. */
function callable(body, exported) {
  const [whole, comment, name] = /(\/\*\*(?:(?!\*\/).)*\*\/\n)declare const (fastifyLifecycle)\b/s.exec(body)
  const own = exported.map((each) => (each.local === name ? { ...each, local: 'plugin' } : each))
  return `${body.replace(whole, () => 'declare const plugin')}
${comment}declare function ${name}(...given: Parameters<typeof plugin>): ReturnType<typeof plugin>
declare namespace ${name} {
${list('', own)}}
export = ${name}
`
}
