import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles } from '../../../support/check.ts'

const chart = 'apiVersion: v2\nname: orders\nversion: 1.0.0\n'
const template = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n'
const manifest = `apiVersion: v1
kind: Pod
metadata: { name: a }
spec: { terminationGracePeriodSeconds: 3, containers: [{ name: app, image: a }] }
`

/** Where something is said, which rule says it, and what to write. */
function told(files: Readonly<Record<string, string>>, beside: Readonly<Record<string, string>> = {}) {
  return checkFiles(files, { beside }).findings.map(({ file, is, write }) => ({ file, is, write }))
}

describe('a chart of Helm', () => {
  test('is said once, with how to render it, however many templates it has', () => {
    const files = {
      'deploy/orders/Chart.yaml': chart,
      'deploy/orders/templates/deployment.yaml': template,
      'deploy/orders/templates/tests/ping.yaml': template,
      // What looks like a patch of Kubernetes is the values of the templates.
      'deploy/orders/values.yaml': 'containers: []\nlivenessProbe: { httpGet: { path: / } }\n',
      'deploy/orders/values-prod.yaml': 'apiVersion: {{ x }}\n'
    }
    assert.deepEqual(told(files), [
      {
        file: 'deploy/orders/Chart.yaml',
        is: 'This cannot be read: it is a chart of Helm that is not rendered, with 2 templates',
        write: 'Render it first: `helm template deploy/orders | npx fastify-lifecycle check -`'
      }
    ])
  })

  test('is said for each chart, and those inside of one are a part of it', () => {
    const files = {
      'a/Chart.yaml': chart,
      'a/charts/b/Chart.yaml': chart,
      'a/charts/b/templates/x.yaml': template,
      'a/charts/b/charts/c/Chart.yaml': chart,
      'a/examples/d/Chart.yaml': chart
    }
    assert.deepEqual(
      told(files).map(({ file, is }) => [file, is.replace(/^.*rendered/, '')]),
      [
        ['a/Chart.yaml', ', with 1 template'],
        ['a/examples/d/Chart.yaml', '']
      ]
    )
  })

  test('is found where only its templates are named', () => {
    const [only, ...more] = told({ 'a/templates/x.yaml': template }, { 'a/Chart.yaml': chart })
    assert.deepEqual([only?.file, more], ['a/Chart.yaml', []])
    assert.match(only?.write ?? '', /helm template a \|/)
    const [here] = told({ 'templates/x.yaml': template }, { 'Chart.yaml': chart })
    assert.match(here?.write ?? '', /helm template \. \|/)
  })

  test('keeps what can be read without Helm', () => {
    const files = {
      'a/Chart.yaml': chart,
      'a/templates/plain.yaml': manifest,
      'a/files/pod.yaml': manifest
    }
    assert.deepEqual(
      checkFiles(files).findings.map(({ file, rule }) => [file, rule]),
      [
        ['a/templates/plain.yaml', 'grace-too-short'],
        ['a/files/pod.yaml', 'grace-too-short'],
        ['a/Chart.yaml', 'cannot-be-read']
      ]
    )
  })

  test('has nothing to do with a template that stands alone, or comes by a pipe', () => {
    for (const name of ['a/templates/x.yaml', '-']) {
      const [only] = told({ [name]: template })
      assert.equal(only?.file, name)
      assert.match(only?.is ?? '', /it is a template of Helm/)
    }
  })
})
