// What a developer's shell says about databases must not reach a test. Imported for its effect, before anything that
// reads the environment.

/** The server to test against instead of embedded ones, from `PGTEST_URL`. */
export const externalServer: string | undefined = process.env.PGTEST_URL

for (const name of Object.keys(process.env)) {
  if (name === 'DATABASE_URL' || /^PG(?!TEST_)/.test(name)) delete process.env[name]
}

/** The major version that tests run on when they do not ask for one: `CORNAC_TEST_PG`, else the newest. */
export const defaultVersion: 15 | 16 | 17 | 18 = parseVersion(process.env.CORNAC_TEST_PG ?? '18')

function parseVersion(text: string): 15 | 16 | 17 | 18 {
  const version = Number(text)
  if (version === 15 || version === 16 || version === 17 || version === 18) return version
  throw new Error(`CORNAC_TEST_PG is "${text}": expected 15, 16, 17 or 18`)
}
