/** The package brings no types of its own; this is the part that the benchmark calls. */
declare module 'parse-prometheus-text-format' {
  // biome-ignore lint/style/noDefaultExport: the package's own shape
  export default function parsePrometheusTextFormat(text: string): readonly unknown[];
}
