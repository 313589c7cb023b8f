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

/** Who a certificate is for, as openssl writes it. */
export interface CertificateHolder {
  readonly subject: string;
  readonly alternatives: string;
}

const holders = {
  server: { subject: '/CN=kube-apiserver', alternatives: 'DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1' },
  admin: { subject: '/O=system:masters/CN=admin', alternatives: 'DNS:admin' },
  // KEDA takes its pair by these file names, for serving and for asking.
  tls: {
    subject: '/CN=keda-operator',
    alternatives:
      'DNS:localhost,DNS:keda-operator.keda.svc.cluster.local,DNS:keda-metrics-apiserver.keda.svc,IP:127.0.0.1',
  },
} as const;

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Signs what is made in one folder, for two days. Its own certificate is in `certFile`. */
export class Authority {
  readonly certFile: string;
  readonly #folder: string;
  readonly #keyFile: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.certFile = join(folder, `${name}.crt`);
    this.#keyFile = join(folder, `${name}.key`);
    const files = ['-keyout', this.#keyFile, '-out', this.certFile];
    openssl('req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=e2e-${name}`, ...files);
  }

  /** Makes `name.crt` and `name.key`, for serving and for asking; returns their paths. */
  sign(name: string, { subject, alternatives }: CertificateHolder): { readonly cert: string; readonly key: string } {
    const file = (ending: string): string => join(this.#folder, `${name}.${ending}`);
    writeFileSync(file('ext'), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('req', ...newKey, '-subj', subject, '-keyout', file('key'), '-out', file('csr'));
    const signing = ['-CA', this.certFile, '-CAkey', this.#keyFile, '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', '-in', file('csr'), ...signing, '-extfile', file('ext'), '-out', file('crt'));
    return { cert: file('crt'), key: file('key') };
  }
}

/** Makes an authority and what the control plane needs of it. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const authority = new Authority(folder, 'ca');
  for (const [name, holder] of Object.entries(holders)) authority.sign(name, holder);
  openssl('genrsa', '-out', file('service-account.key'), '2048');
  openssl('rsa', '-in', file('service-account.key'), '-pubout', '-out', file('service-account.crt'));
  return {
    folder,
    ca: authority.certFile,
    cert: (name) => file(`${name}.crt`),
    key: (name) => file(`${name}.key`),
  };
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
