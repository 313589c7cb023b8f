import type { GpuReading } from './gpu-reading.ts';

/** What a node's GPU exporter says of the devices of one pod. */
export interface PodGpus {
  /**
   * Busy share, 0 to 1: the mean over the pod's devices that state it. Under tensor parallelism all work on one batch,
   * so the mean is the pod's; a device that idles while another works shows as a half.
   */
  readonly utilizationRatio: number | undefined;
  /** Memory in use, 0 to 1, of the fullest device. */
  readonly memoryRatio: number | undefined;
  /** Distinct last XID error codes, without 0, ascending. Sticky: an old error stays. */
  readonly xids: readonly number[];
  /** Devices and MIG instances. */
  readonly devices: number;
  /** True when other pods share one of the devices, so that part of the values is theirs. */
  readonly shared: boolean;
}

/** What the page says of a pod's GPUs; undefined when it names no device of the pod, which is not the same as idle. */
export function gpuOfPod(readings: readonly GpuReading[], namespace: string, pod: string): PodGpus | undefined {
  const byDevice = new Map<string, GpuReading>();
  for (const reading of readings) {
    if (reading.namespace !== namespace || reading.pod !== pod) continue;
    byDevice.set(JSON.stringify([reading.uuid, reading.gpu, reading.migId]), reading);
  }
  if (byDevice.size === 0) return undefined;
  const devices = [...byDevice.values()];
  const utilizations = devices.map((device) => device.utilizationRatio).filter((ratio) => ratio !== undefined);
  const memories = devices.map((device) => device.memoryRatio).filter((ratio) => ratio !== undefined);
  const xids = new Set(devices.map((device) => device.xid).filter((xid) => xid !== undefined && xid !== 0));
  return {
    utilizationRatio: utilizations.length > 0 ? utilizations.reduce((a, b) => a + b) / utilizations.length : undefined,
    memoryRatio: memories.length > 0 ? Math.max(...memories) : undefined,
    xids: [...(xids as Set<number>)].sort((a, b) => a - b),
    devices: devices.length,
    shared: devices.some((device) => device.shared),
  };
}
