// A CommonJS module that uses the driver: prints what it read, and whether an import gives the same classes.

const { Connection, connect } = require('cornac')

async function main() {
  const connection = await connect(process.argv[2])
  console.log(await connection.fetchValue('select 6 * 7'))
  await connection.close()
  const module = await import('cornac')
  console.log(module.Connection === Connection)
}

main()
