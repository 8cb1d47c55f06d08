import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Format, formats } from '../../../check/files/formats.ts'
import { checkFiles } from '../../support/check.ts'
import fc from '../../support/properties.ts'

/** What such files are made of, so that what is put together at random gets deep into the readers. */
const pieces: Readonly<Record<Format, readonly string[]>> = {
  kubernetes: [
    'kind: Pod\n',
    'spec:\n',
    '  containers:\n',
    '    - name: a\n',
    '      image: a\n',
    '      livenessProbe: { httpGet: { path: /x, port: 1 } }\n',
    '---\n',
    '&a ',
    '*a',
    '<<: ',
    '{{ x }}'
  ],
  compose: [
    'services:\n',
    '  a:\n',
    '    image: a\n',
    '    build: .\n',
    '    extends: a\n',
    '    command: npm start\n',
    '    healthcheck: { test: [CMD] }\n',
    '    ports: ["1:2"]\n',
    '    deploy: { update_config: {} }\n',
    '*x',
    '$'
  ],
  dockerfile: [
    'FROM node AS a\n',
    'FROM a\n',
    'CMD ',
    '["npm", "start"]\n',
    'ENTRYPOINT sh -c "',
    'RUN <<E\n',
    'E\n',
    'ONBUILD CMD x\n',
    'SHELL []\n',
    'HEALTHCHECK CMD curl localhost\n',
    '\\\n',
    '# escape=`\n',
    'ENV A=$A\n'
  ],
  systemd: [
    '[Service]\n',
    '[Socket]\n',
    '[Unit]\n',
    'ExecStart=',
    '/usr/bin/node a\n',
    'npm start\n',
    'TimeoutStopSec=1 min\n',
    'KillMode=mixed\n',
    'Type=notify\n',
    '\\\n',
    '#',
    '# /a/b.socket\n',
    '='
  ],
  haproxy: [
    'defaults a\n',
    'backend a from a\n',
    'listen b\n',
    ' mode http\n',
    ' server a b:1 check inter 1s\n',
    ' option httpchk GET /x\n',
    ' retry-on 502\n',
    ' http-check send uri\n',
    '"',
    "'",
    '\\',
    ' default-server check\n'
  ],
  nginx: [
    'http {',
    'upstream a {',
    'server b:1 fail_timeout=1s;',
    '}',
    'server {',
    'location / {',
    'proxy_pass http://a;',
    'proxy_next_upstream off;',
    '"',
    "'",
    '${',
    '\\',
    '#',
    ';'
  ],
  pm2: [
    'module.exports = ',
    '{',
    '}',
    '[',
    ']',
    'apps:',
    'kill_timeout:',
    '10 * seconds',
    "'a'",
    '`${',
    '`',
    ',',
    'const seconds = 1\n',
    'f(',
    ')',
    '/*',
    '*/',
    '//',
    '...',
    '\\'
  ],
  ecs: [
    '{',
    '}',
    '[',
    ']',
    '"containerDefinitions":',
    '"command":',
    '"stopTimeout":',
    '1',
    '"healthCheck":',
    '"a"',
    ',',
    '"image":'
  ],
  fly: [
    'kill_timeout = 1\n',
    '[http_service]\n',
    '[[services]]\n',
    '[[services.http_checks]]\n',
    'path = "/x"\n',
    'a.b = { c = 1 }\n',
    '[processes]\n',
    'app = "npm start"\n',
    '"',
    '[',
    '=',
    '1979-05-27\n'
  ]
}

const text = (format: Format) =>
  fc.oneof(
    fc
      .array(
        fc.oneof({ arbitrary: fc.constantFrom(...pieces[format]), weight: 9 }, fc.string({ maxLength: 5 })),
        { maxLength: 30 }
      )
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 })
  )

describe('whatever stands in a file', () => {
  for (const format of formats) {
    test(`as ${format}, the check says something sound or nothing at all, and never throws`, () => {
      const name = format === 'pm2' ? 'ecosystem.config.js' : 'file'
      fc.assert(
        fc.property(text(format), (content) => {
          const { findings, leftOut, checked } = checkFiles({ [name]: content }, { format })
          const lines = content.split('\n').length
          assert.equal(checked.length, 1)
          for (const { line, column, is, follows, write } of findings) {
            assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines} lines`)
            for (const part of [is, follows, write]) assert.match(part, /\S/)
          }
          for (const { line, why } of leftOut) assert.ok(line >= 1 && line <= lines && why !== '')
        }),
        { numRuns: 300 }
      )
    })

    test(`as ${format}, it is never silent about what is no such file`, () => {
      for (const content of ['', 'nothing', '\u0000', '{', '[]', '- a\n- b', '<html></html>']) {
        const { findings, leftOut } = checkFiles({ file: content }, { format })
        assert.ok(findings.length + leftOut.length > 0, JSON.stringify(content))
      }
    })
  }
})
