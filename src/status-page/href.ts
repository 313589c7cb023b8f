/** Where the page of a ScaledObject is. */
export function hrefOf(root: string, namespace: string, name: string): string {
  return `${root}status/${encodeURIComponent(namespace.toWellFormed())}/${encodeURIComponent(name.toWellFormed())}`;
}
