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
  const own = readings.filter((reading) => reading.namespace === namespace && reading.pod === pod);
  if (own.length === 0) return undefined;
  // Containers that share a device have a reading each: of one device, one value counts.
  const busyByDevice = new Map<string, number | undefined>();
  for (const { uuid, gpu, migId, utilizationRatio } of own) {
    const device = JSON.stringify([uuid, gpu, migId]);
    busyByDevice.set(device, largest([busyByDevice.get(device), utilizationRatio]));
  }
  return {
    utilizationRatio: mean([...busyByDevice.values()]),
    memoryRatio: largest(own.map((reading) => reading.memoryRatio)),
    xids: [...new Set(known(own.map((reading) => reading.xid)))].filter((xid) => xid !== 0).sort((a, b) => a - b),
    devices: busyByDevice.size,
    shared: own.some((reading) => reading.shared),
  };
}

function known(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value): value is number => value !== undefined);
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const all = known(values);
  return all.length > 0 ? Math.max(...all) : undefined;
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const all = known(values);
  return all.length > 0 ? all.reduce((sum, value) => sum + value, 0) / all.length : undefined;
}
