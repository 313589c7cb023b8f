import type { Page, Sample } from '../exposition/page.ts';
import type { Exporter, GpuQuantity } from './exporters.ts';
import { familyByName } from './exporters.ts';
import type { GpuReading } from './gpu-reading.ts';

/** One device or MIG instance in use by one container, or by none, and what the page says of it. */
interface Device {
  readonly exporter: Exporter;
  readonly labels: Sample['labels'];
  readonly values: Partial<Record<GpuQuantity, number>>;
  /** The same for all pods that share the device. */
  readonly hardware: string;
  copied: boolean;
}

/**
 * Reads a GPU exporter's page: one reading for each device or MIG instance, and each container where several share it.
 * Families that are printed twice merge, the last value counts, and placeholders for "no value" are left out.
 * A device of which the page says none of these things has no reading.
 */
export function readGpus(page: Page): readonly GpuReading[] {
  const devices = new Map<string, Device>();
  for (const sample of page.samples) {
    const family = familyByName.get(sample.name);
    if (family === undefined || isPlaceholder(sample.value)) continue;
    const device = deviceOf(devices, sample, family.exporter);
    device.values[family.quantity] = sample.value;
    if (first(sample.labels, family.exporter.copy) !== undefined) device.copied = true;
  }
  const users = usersByHardware(devices.values());
  return [...devices.values()].map((device) => readingOf(device, users.get(device.hardware)!.size > 1));
}

function deviceOf(devices: Map<string, Device>, { labels }: Sample, exporter: Exporter): Device {
  const unit = first(labels, exporter.uuid) ?? first(labels, exporter.gpu);
  const instance = first(labels, exporter.migId) ?? first(labels, exporter.partition);
  const hardware = JSON.stringify([unit, instance]);
  const key = JSON.stringify([hardware, userOf(labels, exporter), first(labels, exporter.container)]);
  const known = devices.get(key);
  if (known !== undefined) return known;
  const device: Device = { exporter, labels, values: {}, hardware, copied: false };
  devices.set(key, device);
  return device;
}

function userOf(labels: Sample['labels'], exporter: Exporter): string | undefined {
  const pod = first(labels, exporter.pod);
  return pod === undefined ? undefined : JSON.stringify([first(labels, exporter.namespace), pod]);
}

function usersByHardware(devices: Iterable<Device>): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>();
  for (const { hardware, labels, exporter } of devices) {
    const pods = users.get(hardware) ?? new Set();
    users.set(hardware, pods);
    const user = userOf(labels, exporter);
    if (user !== undefined) pods.add(user);
  }
  return users;
}

/** The value of the first of these labels that is printed and not empty. */
function first(labels: Sample['labels'], names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/**
 * True for values that stand for "no value": not finite, negative, or DCGM's blanks for 32-bit, 64-bit and floating
 * numbers. As doubles the 64-bit ones are rounded, so they are told by range.
 */
function isPlaceholder(value: number): boolean {
  if (!Number.isFinite(value) || value < 0) return true;
  const isBlank32 = value >= 2147483632 && value <= 2147483647;
  return isBlank32 || value >= 140737488355328;
}

function readingOf({ exporter, labels, values, copied }: Device, hasSeveralUsers: boolean): GpuReading {
  const used = values.memoryUsedMiB;
  const partition = first(labels, exporter.partition);
  const silent = partition !== undefined && partition !== '0';
  return {
    gpu: first(labels, exporter.gpu) ?? first(labels, exporter.uuid) ?? '',
    uuid: first(labels, exporter.uuid),
    migProfile: first(labels, exporter.migProfile),
    migId: first(labels, exporter.migId),
    namespace: first(labels, exporter.namespace),
    pod: first(labels, exporter.pod),
    container: first(labels, exporter.container),
    utilizationRatio: silent ? notZero(utilizationOf(values)) : utilizationOf(values),
    memoryUsedMiB: silent ? notZero(used) : used,
    memoryFreeMiB: silent ? notZero(values.memoryFreeMiB) : values.memoryFreeMiB,
    memoryRatio: silent && used === 0 ? undefined : memoryRatioOf(values),
    xid: values.xid,
    shared: copied || hasSeveralUsers,
  };
}

/** Partitions behind the first print 0 for what is measured for the whole device, so a 0 of theirs says nothing. */
function notZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** Busy share, 0 to 1. Percent where printed, else the engine's ratio, which is all that a MIG instance has. */
function utilizationOf({ utilizationPercent, utilizationRatio }: Device['values']): number | undefined {
  if (utilizationPercent !== undefined && utilizationPercent <= 100) return utilizationPercent / 100;
  return utilizationRatio !== undefined && utilizationRatio <= 1 ? utilizationRatio : undefined;
}

/** used / (used + free + reserved), or used / total. Undefined where that cannot be known. */
function memoryRatioOf(values: Device['values']): number | undefined {
  const { memoryUsedMiB: used, memoryFreeMiB: free, memoryReservedMiB: reserved = 0, memoryTotalMiB: total } = values;
  if (used === undefined) return undefined;
  const whole = free === undefined ? total : used + free + reserved;
  return whole === undefined || whole === 0 || used > whole ? undefined : used / whole;
}
