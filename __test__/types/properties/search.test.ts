import { search } from './families/search.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(search)
