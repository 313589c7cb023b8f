import type { GpuExporters } from '../discovery/dcgm.ts';
import type { GpuReading } from '../gpu/gpu-reading.ts';
import type { PodGpus } from '../gpu/pod-gpus.ts';
import { gpuOfPod } from '../gpu/pod-gpus.ts';
import { candidateUrls } from '../presets/candidate-urls.ts';
import type { Gpus } from '../triggers/world.ts';
import type { ScrapeHost } from './scrape-host.ts';

const TIMEOUT_MS = 3_000;
/** dcgm-exporter and AMD's exporter. */
const exporterPage = { engine: { kind: 'auto' }, port: undefined, path: '/metrics', scheme: 'http' } as const;

interface OpenPage {
  readonly close: () => void;
  /** Where the exporter runs, and so the pods whose GPUs it sees; `undefined`: not known. */
  readonly node: string | undefined;
  /** By namespace and pod. */
  pods: ReadonlyMap<string, PodGpus>;
  atMs: number;
}

/** Reads the GPU exporters of those nodes on which somebody's workload runs, and of no others. */
export class GpuPages implements Gpus {
  readonly #exporters: GpuExporters;
  readonly #host: ScrapeHost;
  readonly #intervalMs: number;
  readonly #wanted = new Map<object, ReadonlySet<string>>();
  readonly #pages = new Map<string, OpenPage>();
  /** By namespace and pod: the pages that name it, mostly one. Each page takes out what it has put in. */
  readonly #naming = new Map<string, OpenPage[]>();

  constructor(exporters: GpuExporters, host: ScrapeHost, intervalMs: number) {
    this.#exporters = exporters;
    this.#host = host;
    this.#intervalMs = intervalMs;
  }

  want(asker: object, nodes: ReadonlySet<string>): void {
    const before = this.#wanted.get(asker);
    if (before === undefined && nodes.size === 0) return;
    if (before !== undefined && before.size === nodes.size && [...before].every((node) => nodes.has(node))) return;
    if (nodes.size === 0) this.#wanted.delete(asker);
    else this.#wanted.set(asker, nodes);
    this.follow();
  }

  /** Takes up the newest list of exporters. */
  follow(): void {
    const nodes = new Set<string>();
    for (const wanted of this.#wanted.values()) for (const node of wanted) nodes.add(node);
    const kept = new Set<string>();
    for (const endpoint of this.#exporters.endpointsOnNodes(nodes)) {
      const candidates = candidateUrls(endpoint, exporterPage);
      if (!candidates.ok) continue;
      const key = candidates.urls.join(' ');
      kept.add(key);
      if (!this.#pages.has(key)) this.#open(key, candidates.urls, endpoint.node);
    }
    for (const [key, page] of this.#pages) {
      if (kept.has(key)) continue;
      page.close();
      this.#take(page, new Map());
      this.#pages.delete(key);
    }
  }

  /** A pod of the same name on another node is another pod: what that node's exporter still says is not about this one. */
  ofPod(namespace: string, pod: string, node?: string): ReturnType<Gpus['ofPod']> {
    const key = `${namespace}/${pod}`;
    const isNear = (page: OpenPage): boolean => node === undefined || page.node === undefined || page.node === node;
    const page = this.#naming.get(key)?.find(isNear);
    const gpus = page?.pods.get(key);
    return page && gpus && { gpus, atMs: page.atMs };
  }

  close(): void {
    this.#wanted.clear();
    for (const page of this.#pages.values()) page.close();
    this.#pages.clear();
    this.#naming.clear();
    this.#exporters.close();
  }

  #take(page: OpenPage, pods: ReadonlyMap<string, PodGpus>): void {
    for (const key of page.pods.keys()) {
      const others = (this.#naming.get(key) ?? []).filter((each) => each !== page);
      if (others.length === 0) this.#naming.delete(key);
      else this.#naming.set(key, others);
    }
    for (const key of pods.keys()) this.#naming.set(key, [...(this.#naming.get(key) ?? []), page]);
    page.pods = pods;
  }

  #open(key: string, candidates: readonly string[], node: string | undefined): void {
    const request = { candidates, intervalMs: this.#intervalMs, timeoutMs: TIMEOUT_MS };
    const page: OpenPage = {
      node,
      pods: new Map(),
      atMs: 0,
      close: this.#host.openGpu(request, (gpus, atMs) => {
        this.#take(page, byPod(gpus));
        page.atMs = atMs;
      }),
    };
    this.#pages.set(key, page);
  }
}

function byPod(gpus: readonly GpuReading[]): ReadonlyMap<string, PodGpus> {
  const pods = new Map<string, PodGpus>();
  for (const { namespace, pod } of gpus) {
    if (namespace === undefined || pod === undefined || pods.has(`${namespace}/${pod}`)) continue;
    const found = gpuOfPod(gpus, namespace, pod);
    if (found !== undefined) pods.set(`${namespace}/${pod}`, found);
  }
  return pods;
}
