import { describe, expect, test } from 'vitest';
import { parseChallenge, tokenUrl } from './registry-auth.ts';
import { registryUrls } from './registry.ts';

describe('registryUrls', () => {
  test.each([
    ['docker.io', ['https://registry-1.docker.io']],
    ['ghcr.io', ['https://ghcr.io']],
    ['r.example:5000', ['https://r.example:5000']],
    ['127.0.0.1:5000', ['http://127.0.0.1:5000', 'https://127.0.0.1:5000']],
    ['127.9.0.1', ['http://127.9.0.1', 'https://127.9.0.1']],
    ['localhost:5000', ['http://localhost:5000', 'https://localhost:5000']],
    ['[::1]:5000', ['http://[::1]:5000', 'https://[::1]:5000']],
    ['lan:5000', ['http://lan:5000', 'https://lan:5000']],
    ['127.0.0.1.example', ['https://127.0.0.1.example']],
  ])('%s', (domain, urls) => expect(registryUrls(domain, ['lan:5000'])).toEqual(urls));
});

describe('a demand for a token', () => {
  test('bearer', () => {
    const challenge = parseChallenge(
      'Bearer realm="https://a.io/t",service="r.io",scope="repository:x:pull"',
    );
    expect(challenge?.scheme).toBe('bearer');
    expect(challenge && String(tokenUrl(challenge, 'x'))).toBe(
      'https://a.io/t?service=r.io&scope=repository%3Ax%3Apull',
    );
  });

  test('without a scope the repository is asked for', () => {
    const challenge = parseChallenge('bearer realm="https://a.io/t"');
    expect(challenge && String(tokenUrl(challenge, 'o/x'))).toBe(
      'https://a.io/t?scope=repository%3Ao%2Fx%3Apull',
    );
  });

  test.each([null, '', 'Negotiate', 'Digest realm="x"'])('%j is none', (header) =>
    expect(parseChallenge(header)).toBeUndefined(),
  );
});
