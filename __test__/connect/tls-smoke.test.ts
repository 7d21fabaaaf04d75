import test from 'ava'
import { connect } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { startServer } from '../support/server.ts'
test('x', async (t) => {
  console.time('ca'); const ca = await CertificateAuthority.create(); const cert = await ca.server(); console.timeEnd('ca')
  for (const version of [15, 16, 17, 18] as const) {
    console.time('start' + version)
    const s = await startServer({ version, tls: serverTls(cert) })
    console.timeEnd('start' + version)
    console.time('c'); const c = await connect(s.dsn(), { ssl: { ca: ca.pem } })
    console.timeEnd('c')
    console.log(await c.fetch('select ssl, version, cipher from pg_stat_ssl where pid = pg_backend_pid()'))
    await c.close()
    console.time('reload'); await s.reload({ tls: serverTls(await ca.server()) }); console.timeEnd('reload')
    console.time('reload'); await s.reload({ hba: ['host all all all trust'] }); console.timeEnd('reload')
    console.time('c2'); const c2 = await connect(s.dsn(), { ssl: { ca: ca.pem } }); console.timeEnd('c2')
    await c2.close()
  }
  t.pass()
})
