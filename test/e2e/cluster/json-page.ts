import { request } from 'node:http';

/** What a page says as JSON, or `undefined` where it can't be read. A body makes it a POST. */
export function jsonPage<Body>(url: string, content?: object): Promise<Body | undefined> {
  return new Promise((resolve) => {
    const method = content === undefined ? 'GET' : 'POST';
    const asked = request(url, { method, timeout: 2000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', () => resolve(undefined));
      response.once('end', () => {
        const isGood = response.statusCode === 200;
        resolve(isGood ? (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body) : undefined);
      });
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(undefined));
    asked.end(content && JSON.stringify(content));
  });
}
