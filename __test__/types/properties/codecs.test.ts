import test from 'ava'
import { testDatabase } from '../../support/server.ts'
import { CODEC_TYPES, codecs } from './families/codecs.ts'
import { proveFamilies } from './judge.ts'

test.before(async () => {
  await (await testDatabase()).admin(CODEC_TYPES)
})

proveFamilies(codecs)
