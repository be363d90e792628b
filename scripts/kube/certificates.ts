import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiService, nodeName } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { execute } from './execute.ts';

const VALID_DAYS = '90';

/** A certificate and its key, as PEM files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Who speaks to whom: each program's own certificate. */
export type CertificateName =
  | 'ca'
  | 'front-proxy-ca'
  | 'front-proxy'
  | 'apiserver'
  | 'apiserver-kubelet-client'
  | 'kubelet-server'
  | ClientName;

/** Those that a kubeconfig is made for. */
export type ClientName =
  'admin' | 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy' | 'kubelet';

interface Wanted {
  readonly name: CertificateName;
  readonly by: 'ca' | 'front-proxy-ca';
  /** As openssl writes it; names and groups are what Kubernetes authorizes by. */
  readonly subject: string;
  readonly usage: 'clientAuth' | 'serverAuth';
  readonly names?: readonly string[];
}

/** Where a certificate and its key lie. */
export function keyPair(directory: string, name: CertificateName): KeyPair {
  return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}

/** Files of the key that signs the tokens of service accounts. */
export function tokenKey(directory: string): { readonly private: string; readonly public: string } {
  return { private: join(directory, 'tokens.key'), public: join(directory, 'tokens.pub') };
}

/** Makes all certificates of a cluster in an empty folder; needs openssl 3. */
export async function makeCertificates(directory: string, addresses: Addresses): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  // The machine's own openssl.cnf would add extensions that we did not ask for.
  writeFileSync(join(directory, 'openssl.cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');
  makeTokenKey(directory);
  await Promise.all([makeAuthority(directory, 'ca'), makeAuthority(directory, 'front-proxy-ca')]);
  await Promise.all(certificates(addresses).map((wanted) => makeCertificate(directory, wanted)));
}

function certificates({ node }: Addresses): readonly Wanted[] {
  const client = (name: ClientName | 'apiserver-kubelet-client', subject: string): Wanted => ({
    name,
    by: 'ca',
    subject,
    usage: 'clientAuth',
  });
  const api = ['', '.default', '.default.svc', '.default.svc.cluster.local'];
  const apiNames = ['localhost', ...api.map((suffix) => `kubernetes${suffix}`)];
  const own = ['IP:127.0.0.1', `IP:${node}`];
  return [
    {
      name: 'apiserver',
      by: 'ca',
      subject: '/CN=kube-apiserver',
      usage: 'serverAuth',
      names: [...own, `IP:${apiService}`, ...apiNames.map((name) => `DNS:${name}`)],
    },
    {
      name: 'kubelet-server',
      by: 'ca',
      subject: `/CN=${nodeName}`,
      usage: 'serverAuth',
      names: [...own, `DNS:${nodeName}`],
    },
    client('apiserver-kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client'),
    client('admin', '/O=system:masters/CN=admin'),
    client('kube-controller-manager', '/CN=system:kube-controller-manager'),
    client('kube-scheduler', '/CN=system:kube-scheduler'),
    client('kube-proxy', '/CN=system:kube-proxy'),
    client('kubelet', `/O=system:nodes/CN=system:node:${nodeName}`),
    { name: 'front-proxy', by: 'front-proxy-ca', subject: '/CN=front-proxy', usage: 'clientAuth' },
  ];
}

async function makeAuthority(directory: string, name: 'ca' | 'front-proxy-ca'): Promise<void> {
  await request(directory, name, `/CN=belay-test-${name}`, [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
  ]);
}

async function makeCertificate(directory: string, wanted: Wanted): Promise<void> {
  const authority = keyPair(directory, wanted.by);
  const names = wanted.names === undefined ? [] : [`subjectAltName=${wanted.names.join(',')}`];
  const extensions = [
    'basicConstraints=CA:FALSE',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    `extendedKeyUsage=${wanted.usage}`,
    ...names,
  ];
  const signedBy = ['-CA', authority.certificate, '-CAkey', authority.key];
  await request(directory, wanted.name, wanted.subject, extensions, signedBy);
}

async function request(
  directory: string,
  name: CertificateName,
  subject: string,
  extensions: readonly string[],
  signedBy: readonly string[] = [],
): Promise<void> {
  const { certificate, key } = keyPair(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  await execute(
    ...(['openssl', 'req', '-x509', '-config', join(directory, 'openssl.cnf')] as const),
    ...newKey,
    ...['-keyout', key, '-out', certificate, '-subj', subject, '-days', VALID_DAYS],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...signedBy,
  );
}

function makeTokenKey(directory: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = tokenKey(directory);
  writeFileSync(files.private, privateKey, { mode: 0o600 });
  writeFileSync(files.public, publicKey);
}

/** A kubeconfig that holds the certificates itself. It is JSON, which is YAML too. */
export function renderKubeconfig(directory: string, name: ClientName, server: string): string {
  const base64 = (file: string): string => readFileSync(file).toString('base64');
  const { certificate, key } = keyPair(directory, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'belay-test',
        cluster: {
          server,
          'certificate-authority-data': base64(keyPair(directory, 'ca').certificate),
        },
      },
    ],
    users: [
      {
        name,
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      },
    ],
    contexts: [{ name: 'belay-test', context: { cluster: 'belay-test', user: name } }],
    'current-context': 'belay-test',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
