import { documents } from './families/json.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(documents)
