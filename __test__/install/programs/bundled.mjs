// A program that a bundler makes one file of: prints what it read, and what an error of the server is called.

import { connect, UniqueViolationError } from 'cornac'

async function main() {
  const connection = await connect(process.env.TEST_DSN)
  await connection.execute('create temp table once (id int primary key)')
  await connection.execute('insert into once values (1)')
  const error = await connection.execute('insert into once values (1)').catch((error) => error)
  const [answer] = await connection.fetch('select 6 * 7 as "the answer", now() as at')
  console.log(answer['the answer'], error instanceof UniqueViolationError, error.name)
  await connection.close()
}

main()
