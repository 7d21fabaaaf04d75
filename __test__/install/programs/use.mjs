// An ES module that uses the driver: prints what it read.

import { connect } from 'cornac'

const connection = await connect(process.argv[2])
console.log(await connection.fetchValue('select 6 * 7'))
await connection.close()
