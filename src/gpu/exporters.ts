/** What one GPU exporter prints, as data. Of several names the first that is printed counts. */
export interface Exporter {
  /** Sample names by what they mean. Utilisation in percent is divided by 100. */
  readonly utilizationPercent: readonly string[];
  readonly utilizationRatio: readonly string[];
  readonly memoryUsedMiB: readonly string[];
  readonly memoryFreeMiB: readonly string[];
  readonly memoryReservedMiB: readonly string[];
  readonly memoryTotalMiB: readonly string[];
  readonly xid: readonly string[];
  /** Label names by what they mean, newer spellings first. */
  readonly gpu: readonly string[];
  readonly uuid: readonly string[];
  readonly migProfile: readonly string[];
  readonly migId: readonly string[];
  /** A partition that reports zeros where only the first one measures. */
  readonly partition: readonly string[];
  readonly namespace: readonly string[];
  readonly pod: readonly string[];
  readonly container: readonly string[];
  /** Marks the copies of one device's values that time-slicing makes for each pod. */
  readonly copy: readonly string[];
}

/** dcgm-exporter, and run-ai's fake-gpu-operator, which prints three of its families. */
export const dcgm: Exporter = {
  utilizationPercent: ['DCGM_FI_DEV_GPU_UTIL'],
  // Its help text says percent in older versions, and it is a ratio in all of them.
  utilizationRatio: ['DCGM_FI_PROF_GR_ENGINE_ACTIVE'],
  memoryUsedMiB: ['DCGM_FI_DEV_FB_USED'],
  memoryFreeMiB: ['DCGM_FI_DEV_FB_FREE'],
  memoryReservedMiB: ['DCGM_FI_DEV_FB_RESERVED'],
  memoryTotalMiB: [],
  xid: ['DCGM_FI_DEV_XID_ERRORS'],
  gpu: ['gpu'],
  uuid: ['UUID', 'uuid'],
  migProfile: ['GPU_I_PROFILE'],
  migId: ['GPU_I_ID'],
  partition: [],
  namespace: ['namespace', 'pod_namespace'],
  pod: ['pod', 'pod_name'],
  container: ['container', 'container_name'],
  copy: ['vgpu'],
};

/** AMD's device-metrics-exporter. What it calls MB is MiB. */
export const amd: Exporter = {
  utilizationPercent: amdNames('gpu_gfx_activity'),
  utilizationRatio: [],
  memoryUsedMiB: amdNames('gpu_used_vram'),
  memoryFreeMiB: amdNames('gpu_free_vram'),
  memoryReservedMiB: [],
  memoryTotalMiB: amdNames('gpu_total_vram'),
  xid: [],
  gpu: inBothCases('gpu_id'),
  uuid: [...inBothCases('gpu_uuid'), ...inBothCases('serial_number')],
  migProfile: [],
  migId: [],
  partition: inBothCases('gpu_partition_id'),
  namespace: inBothCases('namespace'),
  pod: inBothCases('pod'),
  container: inBothCases('container'),
  copy: [],
};

/** The name, and the forms of it that occur in the field. */
function amdNames(name: string): readonly string[] {
  return [...inBothCases(name), ...inBothCases(`amd_${name}`)];
}

function inBothCases(name: string): readonly string[] {
  return [name, name.toUpperCase()];
}

const quantities = [
  'utilizationPercent',
  'utilizationRatio',
  'memoryUsedMiB',
  'memoryFreeMiB',
  'memoryReservedMiB',
  'memoryTotalMiB',
  'xid',
] as const;

export type GpuQuantity = (typeof quantities)[number];

/** What a sample name means, for every name of every exporter. */
export interface GpuFamily {
  readonly exporter: Exporter;
  readonly quantity: GpuQuantity;
}

export const familyByName: ReadonlyMap<string, GpuFamily> = new Map(
  [dcgm, amd].flatMap((exporter) =>
    quantities.flatMap((quantity) =>
      exporter[quantity].map((name): [string, GpuFamily] => [name, { exporter, quantity }]),
    ),
  ),
);

/** All sample names that reading GPUs needs. */
export const gpuFamilies: readonly string[] = [...familyByName.keys()];
