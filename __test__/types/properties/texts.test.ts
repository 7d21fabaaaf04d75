import { texts } from './families/texts.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(texts)
