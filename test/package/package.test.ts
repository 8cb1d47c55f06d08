import { after, describe } from 'node:test'
import { describeBundles } from './bundles.ts'
import { describeContents } from './contents.ts'
import { describeLoading } from './loading.ts'
import { describeRunners } from './runners.ts'
import { User } from './user.ts'

const installed = User.withPackage()
after(async () => (await installed).remove())

describe('the packed package, as a user installs it', { concurrency: 3 }, () => {
  describeRunners(installed)
  describeBundles(installed)
  describeContents(installed)
  describeLoading(installed)
})
