import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files in one folder, PEM. Each `name` has `name.crt` and `name.key`. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  cert(name: CertificateName): string;
  key(name: CertificateName): string;
}

type CertificateName = 'server' | 'admin' | 'tls' | 'service-account';

const names = {
  server: { subject: '/CN=kube-apiserver', alternatives: 'DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1' },
  admin: { subject: '/O=system:masters/CN=admin', alternatives: 'DNS:admin' },
  // KEDA takes its pair by these file names, for serving and for asking.
  tls: {
    subject: '/CN=keda-operator',
    alternatives:
      'DNS:localhost,DNS:keda-operator.keda.svc.cluster.local,DNS:keda-metrics-apiserver.keda.svc,IP:127.0.0.1',
  },
} as const;

/** Makes an authority and what it signs, valid for two days. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=e2e-ca',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  );
  for (const [name, { subject, alternatives }] of Object.entries(names)) {
    const extensions = file(`${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('req', ...newKey, '-subj', subject, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...signing,
      '-extfile',
      extensions,
      '-out',
      file(`${name}.crt`),
    );
  }
  openssl('genrsa', '-out', file('service-account.key'), '2048');
  openssl('rsa', '-in', file('service-account.key'), '-pubout', '-out', file('service-account.crt'));
  return { folder, ca: file('ca.crt'), cert: (name) => file(`${name}.crt`), key: (name) => file(`${name}.key`) };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
