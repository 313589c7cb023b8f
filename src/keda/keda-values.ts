/** A number pair on the wire: KEDA takes the float above 0, else the integer. */
function chosen(float: number, integer: number): number {
  return float > 0 ? float : integer;
}

export interface WireMetricSpec {
  readonly metricName: string;
  readonly targetSize: number;
  readonly targetSizeFloat: number;
}

export interface WireMetricValue {
  readonly metricName: string;
  readonly metricValue: number;
  readonly metricValueFloat: number;
}

/** KEDA's three decimals; what is no finite positive number becomes 0. */
function quantity(value: number): number {
  return Number.isFinite(value) && value > 0 ? Number(value.toFixed(3)) : 0;
}

/** The value one replica should carry, or `undefined` where the HPA's validation would refuse it. */
export function targetOf(spec: WireMetricSpec): number | undefined {
  const target = quantity(chosen(spec.targetSizeFloat, spec.targetSize));
  return target > 0 ? target : undefined;
}

/** The total the HPA sees: every value returned is added, whatever it is called. */
export function totalOf(values: readonly WireMetricValue[]): number {
  return values.reduce((total, one) => total + quantity(chosen(one.metricValueFloat, one.metricValue)), 0);
}
