/**
 * Starts something that registers how each of its parts ends. What is started first ends last; an ending that fails
 * keeps none of the others from running. Where the start rejects, all that was started is ended first, and why it can't
 * start is what is told, whatever ends badly because of it.
 */
export async function withEndings<Started>(
  start: (endings: AsyncDisposableStack) => Promise<Started>,
): Promise<Started> {
  const endings = new AsyncDisposableStack();
  try {
    return await start(endings);
  } catch (error) {
    await endings.disposeAsync().catch(() => undefined);
    throw error;
  }
}
