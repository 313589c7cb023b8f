import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Authority } from '../cluster/certificates.ts';
import { tlsScaler } from '../cluster/namespaces.ts';
import type { ScalerAddresses } from '../cluster/scaler.ts';
import { scalerPort } from '../cluster/scaler.ts';
import { eventually } from '../eventually.ts';
import type { Scenario } from '../scenario.ts';
import { check, inSeconds, shortSpans } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { statusOf } from '../stage.ts';
import { eventsOf, notReady, operatorLines } from './keda-words.ts';
import { metricsPage, sumOf } from './metrics-page.ts';

const scalerAddress = `${tlsScaler.name}:${scalerPort}`;
const admin = { host: tlsScaler.address, adminPort: 8090 };
const trigger = { targetValue: '8', gatewayService: 'gateway', ...shortSpans };
/** The scaler looks at its files every ten seconds. */
const reloadWithinMs = 30_000;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Everybody's certificates: the servers of before and after the renewal have authorities of their own. */
class Trust {
  readonly folder: string;
  readonly before: Authority;
  readonly after: Authority;
  readonly clients: Authority;
  readonly served: Pair;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    [this.before, this.after, this.clients] = [
      new Authority(folder, 'servers-before'),
      new Authority(folder, 'servers-after'),
      new Authority(folder, 'clients'),
    ];
    this.served = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  }

  server(authority: Authority, name: string): Pair {
    return authority.sign(name, { subject: '/CN=scaler', alternatives: `DNS:${tlsScaler.name}` });
  }

  client(name: string): Pair {
    return this.clients.sign(name, { subject: `/CN=${name}`, alternatives: `DNS:${name}` });
  }

  /** Puts a pair where the scaler finds its own, one file after the other. */
  serve({ cert, key }: Pair): void {
    copyFileSync(cert, this.served.cert);
    copyFileSync(key, this.served.key);
  }

  flags(): readonly string[] {
    const { cert, key } = this.served;
    return [`--tls-cert-file=${cert}`, `--tls-key-file=${key}`, `--tls-client-ca-file=${this.clients.certFile}`];
  }

  /** Who signed what the scaler shows to a new connection. */
  issuerShown(client: Pair): Promise<string> {
    const [cert, key] = [readFileSync(client.cert), readFileSync(client.key)];
    const options = { host: tlsScaler.address, port: scalerPort, cert, key, ALPNProtocols: ['h2'] };
    return new Promise((resolve, reject) => {
      // Who it is, is what is asked here.
      const socket = connect({ ...options, rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().issuer.CN));
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }
}

/** A Secret and the TriggerAuthentication that makes parameters of it. */
async function authenticate(stage: Stage, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { kube } = stage.world;
  const metadata = { name, namespace: stage.namespace };
  const texts = Object.entries(files).map(([parameter, file]) => [parameter, readFileSync(file, 'utf8')]);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: Object.fromEntries(texts) };
  const secretTargetRef = Object.keys(files).map((parameter) => ({ parameter, name, key: parameter }));
  const authentication = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata,
    spec: { secretTargetRef },
  };
  await kube.apply(`/api/v1/namespaces/${stage.namespace}/secrets/${name}`, secret);
  const path = `/apis/keda.sh/v1alpha1/namespaces/${stage.namespace}/triggerauthentications/${name}`;
  await kube.apply(path, authentication);
}

/** A workload at zero with requests waiting at its gateway. */
async function wanted(stage: Stage, name: string, requests: number): Promise<void> {
  await stage.model({ name });
  await stage.keepOpen(name, requests);
}

/** It has demand, and is not scaled; KEDA says why, in one of the places it has. */
async function turnedAway(stage: Stage, name: string, words: RegExp): Promise<string> {
  await notReady(stage, name);
  let found: string | undefined;
  await eventually(`KEDA says of ${name}: ${words}`, 40_000, async () => {
    const all = [...(await eventsOf(stage, name)), ...operatorLines(stage, name)];
    found = all.map((line) => words.exec(line)?.[0]).find((match) => match !== undefined);
    return found !== undefined || all.slice(-3).join(' | ').slice(-800);
  });
  await stage.stays(name, 0, 3000);
  check((await statusOf(stage.namespace, name, admin as ScalerAddresses)).length === 0, `${name} reached the scaler`);
  return `${name}: "${found}"`;
}

/** Push streams that have ended so far. */
async function streamsEnded(): Promise<number> {
  const page = await metricsPage(`http://${admin.host}:${admin.adminPort}/metrics`);
  return sumOf(page, 'keda_llm_scaler_grpc_server_handled_total', (labels) => labels.includes('StreamIsActive'));
}

async function reloadFailures(): Promise<number> {
  const page = await metricsPage(`http://${admin.host}:${admin.adminPort}/metrics`);
  return sumOf(page, 'keda_llm_scaler_tls_reload_failures_total');
}

export const mutualTls: Scenario = {
  name: 'mutual-tls',
  title: 'served over mutual TLS: 0 → 1 → 5 → 8, strangers are turned away, the pair is renewed',
  async run(stage) {
    const trust = new Trust(join(stage.world.certificates.folder, 'mutual-tls'));
    trust.serve(trust.server(trust.before, 'before'));
    const at: ScalerAddresses = { name: 'scaler-tls', ...admin, flags: trust.flags() };
    const scaler = stage.world.anotherScaler(at);
    try {
      await Promise.all([stage.gateway(), scaler.start()]);
      return await tell(stage, trust, at);
    } finally {
      await scaler.stop();
    }
  },
};

async function tell(stage: Stage, trust: Trust, at: ScalerAddresses): Promise<string> {
  const keda = trust.client('keda');
  const known = { caCert: trust.before.certFile, tlsClientCert: keda.cert, tlsClientKey: keda.key };
  await stage.model({ name: 'llama' });
  await Promise.all([wanted(stage, 'in-clear', 16), wanted(stage, 'nobody', 16)]);
  await authenticate(stage, 'keda', known);
  await authenticate(stage, 'ca-alone', { caCert: trust.before.certFile });
  await stage.scale({ name: 'llama', triggers: [trigger], scalerAddress, authentication: 'keda' });
  await stage.scale({ name: 'in-clear', triggers: [trigger], scalerAddress });
  await stage.scale({ name: 'nobody', triggers: [trigger], scalerAddress, authentication: 'ca-alone' });
  const streams = (what: string) => ({
    what,
    isIt: (status: { openPushStreams: number }) => status.openPushStreams > 0,
  });
  await stage.statusAt(at, 'llama', streams('KEDA has opened its push stream'));
  await stage.stays('llama', 0, 3000);
  const demandMs = performance.now();
  await stage.keepOpen('llama', 36);
  const toOneMs = await stage.desired('llama', 1, 15_000, demandMs);
  await stage.ready('llama', 5, 60_000);
  const away = await Promise.all([
    turnedAway(stage, 'in-clear', /error reading server preface/),
    turnedAway(stage, 'nobody', /certificate required/),
  ]);
  const renewed = await renewal(stage, trust, at);
  return `demand to spec.replicas=1 in ${inSeconds(toOneMs)}, then 5; ${[...away, ...renewed].join(', ')}`;
}

/** First half of a pair, then a whole one of another authority, so that KEDA itself can tell which one it is shown. */
async function renewal(stage: Stage, trust: Trust, at: ScalerAddresses): Promise<readonly string[]> {
  const [one, other] = [trust.client('one'), trust.client('other')];
  const ended = await streamsEnded();
  const next = trust.server(trust.after, 'after');
  stage.timeline.note('a certificate without its key');
  const failures = await reloadFailures();
  copyFileSync(next.cert, trust.served.cert);
  await eventually('the half pair is refused', reloadWithinMs, async () => {
    return (await reloadFailures()) > failures || 'it is not';
  });
  check((await trust.issuerShown(one)) === 'e2e-servers-before', 'half a pair is served');
  stage.timeline.note('the new pair');
  trust.serve(next);
  await eventually('new connections get the new certificate', reloadWithinMs, async () => {
    const shown = await trust.issuerShown(one);
    return shown === 'e2e-servers-after' || shown;
  });
  await Promise.all([wanted(stage, 'new', 16), wanted(stage, 'outdated', 16)]);
  const client = (pair: Pair) => ({ tlsClientCert: pair.cert, tlsClientKey: pair.key });
  await authenticate(stage, 'new', { caCert: trust.after.certFile, ...client(one) });
  await authenticate(stage, 'outdated', { caCert: trust.before.certFile, ...client(other) });
  for (const name of ['new', 'outdated']) {
    await stage.scale({ name, triggers: [trigger], scalerAddress, authentication: name });
  }
  await stage.desired('new', 2, 60_000);
  const outdated = await turnedAway(stage, 'outdated', /certificate signed by unknown authority/);
  await stage.statusAt(at, 'llama', {
    what: 'its stream is open',
    isIt: ({ openPushStreams }) => openPushStreams === 1,
  });
  check((await streamsEnded()) === ended, 'a push stream ended when the pair was replaced');
  // From 7 replicas on the autoscaler's tolerance would leave 60 as they are.
  await stage.keepOpen('llama', 64);
  await stage.ready('llama', 8, 60_000);
  return [outdated, 'half a pair was refused, the whole one served, and the old stream lived on: 5 → 8'];
}
