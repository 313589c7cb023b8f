/** Everything that batches hold, in one array. */
export async function allOf<One>(batches: AsyncIterable<readonly One[]>): Promise<One[]> {
  const all: One[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
