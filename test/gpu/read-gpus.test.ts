import { expect, it } from 'vitest';
import { wantedNames } from '../../src/exposition/wanted-names.ts';
import { gpuFamilies } from '../../src/gpu/exporters.ts';
import type { GpuReading } from '../../src/gpu/gpu-reading.ts';
import { readGpus } from '../../src/gpu/read-gpus.ts';
import { pageOf } from '../presets/page-of.ts';

type Case = [name: string, page: string, readings: Partial<GpuReading>[]];

const cases: Case[] = [
  [
    'a device with its pod, percent before the engine ratio, reserved memory counted',
    `
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 90
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 0.5
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 50
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 40
DCGM_FI_DEV_FB_RESERVED{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 10
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-a",err_code="79",err_msg="off the bus",pod="p",namespace="n",container="c"} 79
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",pod="p",namespace="n",container="c"} 300
`,
    [
      {
        gpu: '0',
        uuid: 'GPU-a',
        migProfile: undefined,
        migId: undefined,
        namespace: 'n',
        pod: 'p',
        container: 'c',
        utilizationRatio: 0.9,
        memoryUsedMiB: 50,
        memoryFreeMiB: 40,
        memoryRatio: 0.5,
        xid: 79,
        shared: false,
      },
    ],
  ],
  [
    'older label names',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",uuid="GPU-a",pod_name="p",pod_namespace="n",container_name="c"} 10\n',
    [{ uuid: 'GPU-a', namespace: 'n', pod: 'p', container: 'c', utilizationRatio: 0.1 }],
  ],
  [
    'empty labels of a device that nobody uses',
    'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-b",pod="",namespace="",container=""} 0\n',
    [{ namespace: undefined, pod: undefined, container: undefined, utilizationRatio: 0, shared: false }],
  ],
  [
    'placeholders of every kind are not read',
    [2147483632, 2147483635, '9223372036854775792', '9223372036854775795', 140737488355328, 140737488355331, 'NaN', -1]
      .map((value, gpu) => `DCGM_FI_DEV_FB_USED{gpu="${gpu}"} ${value}\n`)
      .join(''),
    [],
  ],
  [
    'a placeholder leaves the other values of its device',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0"} 50\nDCGM_FI_DEV_FB_USED{gpu="0"} 9223372036854775794\nDCGM_FI_DEV_FB_FREE{gpu="0"} 10\n',
    [{ utilizationRatio: 0.5, memoryUsedMiB: undefined, memoryFreeMiB: 10, memoryRatio: undefined }],
  ],
  [
    'a utilisation above 100 % is none',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0"} 101\nDCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0"} 0.25\n',
    [{ utilizationRatio: 0.25 }],
  ],
  [
    'MIG instances of one device, each with its own memory',
    `
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-a",GPU_I_PROFILE="1g.10gb",GPU_I_ID="7",pod="p",namespace="n"} 0.75
DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0",UUID="GPU-a",GPU_I_PROFILE="2g.20gb",GPU_I_ID="8"} 0
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a",GPU_I_PROFILE="1g.10gb",GPU_I_ID="7",pod="p",namespace="n"} 3
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-a",GPU_I_PROFILE="1g.10gb",GPU_I_ID="7",pod="p",namespace="n"} 1
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",GPU_I_PROFILE="1g.10gb",GPU_I_ID="7"} 300
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",GPU_I_PROFILE="2g.20gb",GPU_I_ID="8"} 300
`,
    [
      { migProfile: '1g.10gb', migId: '7', pod: 'p', utilizationRatio: 0.75, memoryRatio: 0.75, shared: false },
      { migProfile: '2g.20gb', migId: '8', pod: undefined, utilizationRatio: 0, memoryRatio: undefined, shared: false },
    ],
  ],
  [
    'copies for pods that share a device by time-slicing',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="n",vgpu="0"} 80\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="q",namespace="n",vgpu="1"} 80\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="q",namespace="n",vgpu="2"} 80\n',
    [
      { pod: 'p', utilizationRatio: 0.8, shared: true },
      { pod: 'q', utilizationRatio: 0.8, shared: true },
    ],
  ],
  [
    'a copy for the only pod that has its share just now',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="n",vgpu="0"} 80\n',
    [{ pod: 'p', shared: true }],
  ],
  [
    'two pods on one device share it, whatever the page calls that',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="n"} 80\nDCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="m"} 80\n',
    [
      { namespace: 'n', shared: true },
      { namespace: 'm', shared: true },
    ],
  ],
  [
    'one pod on two devices shares nothing',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="p",namespace="n"} 80\nDCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-b",pod="p",namespace="n"} 20\n',
    [
      { uuid: 'GPU-a', utilizationRatio: 0.8, shared: false },
      { uuid: 'GPU-b', utilizationRatio: 0.2, shared: false },
    ],
  ],
  [
    'a page that is printed twice, the last value',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0"} 10\nDCGM_FI_DEV_GPU_UTIL{gpu="0"} 20\n',
    [{ utilizationRatio: 0.2 }],
  ],
  [
    'the operator that fakes GPUs',
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-f",device="nvidia0",modelName="T4",Hostname="h",container="c",namespace="n",pod="p"} 42\nDCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-f",device="nvidia0",modelName="T4",Hostname="h",container="c",namespace="n",pod="p"} 30\nDCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-f",device="nvidia0",modelName="T4",Hostname="h",container="c",namespace="n",pod="p"} 10\n',
    [{ uuid: 'GPU-f', pod: 'p', utilizationRatio: 0.42, memoryRatio: 0.75 }],
  ],
  [
    'AMD: percent, and memory of its total',
    'gpu_gfx_activity{gpu_id="3",gpu_partition_id="0",serial_number="S",pod="p",namespace="n",container="c"} 60\ngpu_used_vram{gpu_id="3",gpu_partition_id="0",serial_number="S",pod="p",namespace="n",container="c"} 20\ngpu_total_vram{gpu_id="3",gpu_partition_id="0",serial_number="S",pod="p",namespace="n",container="c"} 80\n',
    [{ gpu: '3', uuid: 'S', pod: 'p', utilizationRatio: 0.6, memoryUsedMiB: 20, memoryRatio: 0.25, xid: undefined }],
  ],
  [
    'AMD in upper case with its prefix',
    'AMD_GPU_GFX_ACTIVITY{GPU_ID="1",POD="p",NAMESPACE="n"} 5\n',
    [{ gpu: '1', pod: 'p', namespace: 'n', utilizationRatio: 0.05 }],
  ],
  [
    'AMD: a partition behind the first that prints 0 says nothing',
    'gpu_gfx_activity{gpu_id="0",gpu_partition_id="1",serial_number="S",pod="p",namespace="n"} 0\ngpu_used_vram{gpu_id="0",gpu_partition_id="1",serial_number="S",pod="p",namespace="n"} 0\ngpu_total_vram{gpu_id="0",gpu_partition_id="1",serial_number="S",pod="p",namespace="n"} 80\n',
    [{ utilizationRatio: undefined, memoryUsedMiB: undefined, memoryRatio: undefined }],
  ],
  ['a page of something else', 'node_load1 3\n', []],
];

it.each(cases)('reads %s', (_name, page, readings) => {
  const found = readGpus(pageOf(page));
  expect(found).toHaveLength(readings.length);
  expect(found).toMatchObject(readings);
  if (!page.includes('node_')) expect(readGpus(pageOf(page, wantedNames(gpuFamilies)))).toEqual(found);
});

it('counts the cases', () => expect(cases.length).toBeGreaterThan(14));
