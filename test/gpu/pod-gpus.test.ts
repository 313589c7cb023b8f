import { expect, it } from 'vitest';
import { gpuOfPod } from '../../src/gpu/pod-gpus.ts';
import { readGpus } from '../../src/gpu/read-gpus.ts';
import { pageOf } from '../presets/page-of.ts';

const readings = readGpus(
  pageOf(`
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",pod="pair",namespace="n",container="c"} 90
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-b",pod="pair",namespace="n",container="c"} 50
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-a",pod="pair",namespace="n",container="c"} 1
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-a",pod="pair",namespace="n",container="c"} 3
DCGM_FI_DEV_FB_USED{gpu="1",UUID="GPU-b",pod="pair",namespace="n",container="sidecar"} 1
DCGM_FI_DEV_FB_FREE{gpu="1",UUID="GPU-b",pod="pair",namespace="n",container="sidecar"} 1
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-a",pod="pair",namespace="n",container="c"} 79
DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-b",pod="pair",namespace="n",container="c"} 0
DCGM_FI_DEV_GPU_UTIL{gpu="5",UUID="GPU-f",pod="both",namespace="n",container="a"} 30
DCGM_FI_DEV_GPU_UTIL{gpu="5",UUID="GPU-f",pod="both",namespace="n",container="b"} 30
DCGM_FI_DEV_GPU_UTIL{gpu="6",UUID="GPU-g",pod="both",namespace="n",container="a"} 90
DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-b",pod="pair",namespace="n",container="sidecar"} 31
DCGM_FI_DEV_GPU_UTIL{gpu="2",UUID="GPU-c",pod="one",namespace="n",vgpu="0"} 40
DCGM_FI_DEV_GPU_UTIL{gpu="2",UUID="GPU-c",pod="two",namespace="n",vgpu="1"} 40
DCGM_FI_DEV_FB_USED{gpu="3",UUID="GPU-d",pod="silent",namespace="n"} 4
DCGM_FI_DEV_GPU_UTIL{gpu="4",UUID="GPU-e"} 100
`),
);

it('is the mean busy share and the fullest memory of the devices of a pod, each device once', () => {
  expect(gpuOfPod(readings, 'n', 'pair')).toEqual({
    utilizationRatio: 0.7,
    memoryRatio: 0.5,
    xids: [31, 79],
    devices: 2,
    shared: false,
  });
});

it('counts a device that two containers use once', () => {
  expect(gpuOfPod(readings, 'n', 'both')).toMatchObject({ utilizationRatio: 0.6, devices: 2, shared: false });
});

it('says that a device is shared', () => {
  expect(gpuOfPod(readings, 'n', 'two')).toMatchObject({ utilizationRatio: 0.4, devices: 1, shared: true });
});

it('leaves out what no device states', () => {
  expect(gpuOfPod(readings, 'n', 'silent')).toEqual({
    utilizationRatio: undefined,
    memoryRatio: undefined,
    xids: [],
    devices: 1,
    shared: false,
  });
});

it('knows nothing of a pod that the page does not name, nor of its namesake elsewhere', () => {
  expect(gpuOfPod(readings, 'n', 'other')).toBeUndefined();
  expect(gpuOfPod(readings, 'm', 'pair')).toBeUndefined();
  expect(gpuOfPod([], 'n', 'pair')).toBeUndefined();
});
